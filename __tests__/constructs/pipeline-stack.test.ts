import { synthesized } from '../support/stack/stack.ts';

// Set for a provider mirror on this machine, which `local` would use.
delete process.env.OFFLINE_AWS_PROVIDER_VERSION;

test.each([
  ['local', { backend: { local: { path: '../../../terraform.csv-pipeline-local.tfstate' } } }],
  ['dev', { backend: { local: { path: '../../../terraform.csv-pipeline-dev.tfstate' } } }],
  [
    'staging',
    {
      backend: {
        s3: {
          bucket: 'csv-pipeline-state-111122223333',
          region: 'eu-central-1',
          key: 'csv-pipeline-staging/terraform.tfstate',
          encrypt: true,
          use_lockfile: true,
        },
      },
    },
  ],
  ['prod', { cloud: { organization: 'example', workspaces: { name: 'csv-pipeline-prod' } } }],
])('%s keeps its state where the environment says', (name, state) => {
  expect(synthesized(name).json.terraform).toEqual({
    ...state,
    required_version: '>= 1.10',
    required_providers: { aws: { source: 'aws', version: '6.25.0' } },
  });
});

test('Terraform changes no other account, and tags everything it creates', () => {
  expect(synthesized('prod').json.provider).toEqual({
    aws: [
      {
        region: 'eu-central-1',
        allowed_account_ids: ['444455556666'],
        default_tags: [
          {
            tags: {
              project: 'csv-pipeline',
              environment: 'prod',
              'managed-by': 'terraform',
              'cost-center': 'data',
            },
          },
        ],
      },
    ],
  });
});

test('the outputs name the resources that a user needs', () => {
  expect(synthesized('dev').json.output).toEqual({
    StateMachineArn: { value: '${aws_sfn_state_machine.workflow_state-machine.arn}' },
    BucketName: { value: '${aws_s3_bucket.source_bucket.bucket}' },
    TableName: { value: '${aws_dynamodb_table.results-table.name}' },
    Datasets: {
      value: {
        results: { prefix: '', table: '${aws_dynamodb_table.results-table.name}' },
        orders: { prefix: 'orders/', table: '${aws_dynamodb_table.orders-table.name}' },
      },
    },
    LedgerTableName: { value: '${aws_dynamodb_table.ledger-table.name}' },
    ReportsBucketName: { value: '${aws_s3_bucket.reports_bucket.bucket}' },
    AlarmTopicArn: { value: '${aws_sns_topic.alarms_topic.arn}' },
  });
});

test('every reference names a resource of the stack', () => {
  const { json } = synthesized('prod');
  const references = [...JSON.stringify(json).matchAll(/\$\{(\w+)\.([\w-]+)\.(\w+)\}/g)];
  expect(references.length).toBeGreaterThan(50);
  for (const [, type = '', name = ''] of references)
    expect(Object.keys(json.resource[type] ?? {})).toContain(name);
});
