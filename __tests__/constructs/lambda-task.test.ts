import { createHash } from 'node:crypto';
import { Testing } from '#cdktf';
import { byFunction, FUNCTION_NAMES } from '../../asl/pipeline.ts';
import { PipelineStack } from '../../constructs/pipeline-stack.ts';
import { environment } from '../../environments/index.ts';
import { part, resources, synthesized } from '../support/stack/stack.ts';

const staging = synthesized('staging');

const SOURCE_BUCKET = '${aws_s3_bucket.source_bucket.bucket}';
const REPORTS_BUCKET = '${aws_s3_bucket.reports_bucket.bucket}';
const LEDGER_TABLE = '${aws_dynamodb_table.ledger-table.name}';
const TABLES = '{"results":"${aws_dynamodb_table.results-table.name}"}';
const PREFIXES = '{"results":""}';

test.each([
  ['fetch-csv', { REPORTS_BUCKET, PREFIXES, TABLES, MAX_CHUNKS: '750', MAX_DECOMPRESSED_GIGABYTES: '100' }],
  ['validate-csv', { REPORTS_BUCKET }],
  ['judge-csv', { LOAD_CONCURRENCY: '4', MAX_ROWS: '1000000000' }],
  ['find-duplicates', { REPORTS_BUCKET }],
  ['report-rejects', { REPORTS_BUCKET, ENVIRONMENT: 'staging' }],
  ['compare-index', { REPORTS_BUCKET }],
  ['begin-load', {}],
  ['load-to-dynamodb', { REPORTS_BUCKET, TABLES }],
  ['remove-missing', { REPORTS_BUCKET, TABLES }],
  ['reconcile-load', { REPORTS_BUCKET, ENVIRONMENT: 'staging' }],
])('%s has its own role and log group, and only the variables it needs', (name, variables) => {
  expect(part(staging, `${name}_`)).toEqual({
    [`aws_cloudwatch_log_group.${name}_log-group`]: {
      name: `/aws/lambda/csv-pipeline-staging-${name}`,
      retention_in_days: 30,
    },
    [`aws_iam_role.${name}_role`]: {
      name: `csv-pipeline-staging-${name}`,
      assume_role_policy: expect.any(String),
      permissions_boundary: 'arn:aws:iam::111122223333:policy/csv-pipeline-staging-boundary',
    },
    [`aws_iam_role_policy.${name}_policy`]: {
      name: 'permissions',
      role: `\${aws_iam_role.${name}_role.name}`,
      policy: expect.any(String),
    },
    [`aws_iam_role_policies_exclusive.${name}_only-policy`]: {
      role_name: `\${aws_iam_role.${name}_role.name}`,
      policy_names: [`\${aws_iam_role_policy.${name}_policy.name}`],
    },
    [`aws_iam_role_policy_attachments_exclusive.${name}_no-attachments`]: {
      role_name: `\${aws_iam_role.${name}_role.name}`,
      policy_arns: [],
    },
    [`aws_lambda_function.${name}_function`]: {
      function_name: `csv-pipeline-staging-${name}`,
      role: `\${aws_iam_role.${name}_role.arn}`,
      filename: `assets/${name}.zip`,
      source_code_hash: createHash('sha256')
        .update(staging.assets.get(`${name}.zip`) ?? '')
        .digest('base64'),
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      memory_size: 512,
      timeout: 300,
      environment: {
        variables: {
          NODE_OPTIONS: '--max-semi-space-size=16',
          POWERTOOLS_SERVICE_NAME: 'csv-pipeline',
          SOURCE_BUCKET,
          LEDGER_TABLE,
          ...variables,
        },
      },
      tracing_config: { mode: 'Active' },
      publish: true,
      depends_on: [`aws_cloudwatch_log_group.${name}_log-group`, `aws_iam_role_policy.${name}_policy`],
    },
  });
});

test('there is one function, with one zip, for each that the state machine invokes', () => {
  expect(Object.keys(resources(staging, 'aws_lambda_function')).sort()).toEqual(
    FUNCTION_NAMES.map((name) => `${name}_function`).sort(),
  );
  expect([...staging.assets.keys()].sort()).toEqual(FUNCTION_NAMES.map((name) => `${name}.zip`).sort());
});

test('what limits the writes of a load limits the removal of keys, which is the only one to write then', () => {
  const limited = { ...environment('prod'), maxWritesPerSecond: 400 };
  const bundles = byFunction(() => ({ zip: new Uint8Array(), sha256: '' }));
  const { resource } = JSON.parse(
    Testing.synth(new PipelineStack(Testing.app(), 'csv-pipeline-prod', limited, bundles)),
  );
  const rates = FUNCTION_NAMES.flatMap((name) => {
    const { MAX_WRITES_PER_SECOND: rate } =
      resource.aws_lambda_function[`${name}_function`].environment.variables;
    return rate === undefined ? [] : [[name, rate]];
  });
  expect(Object.fromEntries(rates)).toEqual({ 'judge-csv': '400', 'remove-missing': '400' });
});

test('a function has the concurrency that the environment reserves for it, and the others share what is left', () => {
  const reserving = { ...environment('prod'), reservedConcurrency: { 'validate-csv': 100 } };
  const bundles = byFunction(() => ({ zip: new Uint8Array(), sha256: '' }));
  const { resource } = JSON.parse(
    Testing.synth(new PipelineStack(Testing.app(), 'csv-pipeline-prod', reserving, bundles)),
  );
  const reserved = FUNCTION_NAMES.map((name) => [
    name,
    resource.aws_lambda_function[`${name}_function`].reserved_concurrent_executions,
  ]);
  expect(Object.fromEntries(reserved)).toEqual({
    ...byFunction(() => undefined),
    'validate-csv': 100,
  });
});
