import { boundary, policyFor } from '../../deploy/permissions.ts';
import { environment } from '../../environments/index.ts';
import { References } from '../../local/stack/references.ts';
import { parsed, resources, synthesized } from '../support/stack/stack.ts';

const stacks = { INLINE: synthesized('dev'), DISTRIBUTED: synthesized('prod') };

const allow = (actions: string[], resources: string[]) => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
});
const source = '${aws_s3_bucket.source_bucket.arn}';
const reports = '${aws_s3_bucket.reports_bucket.arn}';
const readSource = [
  allow(['s3:GetObject', 's3:GetObjectVersion'], [`${source}/*`]),
  allow(['s3:ListBucket'], [source]),
];
const readWork = allow(['s3:GetObject'], [`${reports}/working/*`]);
const listWork = {
  ...allow(['s3:ListBucket'], [reports]),
  Condition: { StringLike: { 's3:prefix': 'working/*' } },
};
const writeWork = allow(['s3:PutObject'], [`${reports}/working/*`]);
const uploadWork = allow(['s3:PutObject', 's3:AbortMultipartUpload'], [`${reports}/working/*`]);
const tracing = allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']);
const invoke = allow(
  ['lambda:InvokeFunction'],
  [
    '${aws_lambda_function.fetch-csv_function.arn}',
    '${aws_lambda_function.fetch-csv_function.arn}:*',
    '${aws_lambda_function.validate-csv_function.arn}',
    '${aws_lambda_function.validate-csv_function.arn}:*',
    '${aws_lambda_function.judge-csv_function.arn}',
    '${aws_lambda_function.judge-csv_function.arn}:*',
    '${aws_lambda_function.find-duplicates_function.arn}',
    '${aws_lambda_function.find-duplicates_function.arn}:*',
    '${aws_lambda_function.report-rejects_function.arn}',
    '${aws_lambda_function.report-rejects_function.arn}:*',
    '${aws_lambda_function.compare-index_function.arn}',
    '${aws_lambda_function.compare-index_function.arn}:*',
    '${aws_lambda_function.begin-load_function.arn}',
    '${aws_lambda_function.begin-load_function.arn}:*',
    '${aws_lambda_function.load-to-dynamodb_function.arn}',
    '${aws_lambda_function.load-to-dynamodb_function.arn}:*',
    '${aws_lambda_function.remove-missing_function.arn}',
    '${aws_lambda_function.remove-missing_function.arn}:*',
    '${aws_lambda_function.reconcile-load_function.arn}',
    '${aws_lambda_function.reconcile-load_function.arn}:*',
  ],
);
const deliverLog = allow(
  [
    'logs:CreateLogDelivery',
    'logs:GetLogDelivery',
    'logs:UpdateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:DescribeResourcePolicies',
    'logs:DescribeLogGroups',
  ],
  ['*'],
);
/** Events of the pipeline's own alone. */
const tell = (on: string) => ({
  ...allow(['events:PutEvents'], [`arn:aws:events:${on}:event-bus/default`]),
  Condition: { StringEquals: { 'events:source': 'csv-pipeline' } },
});
const sampling = allow(['xray:GetSamplingRules', 'xray:GetSamplingTargets'], ['*']);
const startWorkflow = allow(
  ['states:StartExecution'],
  ['${aws_sfn_state_machine.workflow_state-machine.arn}'],
);

const states = 'arn:aws:states:eu-central-1:444455556666';
const childExecutions = [
  allow(['states:StartExecution'], [`${states}:stateMachine:csv-pipeline-prod`]),
  allow(['states:DescribeExecution', 'states:StopExecution'], [`${states}:execution:csv-pipeline-prod:*`]),
  allow(['states:RedriveExecution'], [`${states}:execution:csv-pipeline-prod/*`]),
];

const functionsFor = (tables: readonly string[]): Record<string, readonly object[]> => ({
  'fetch-csv': [...readSource, uploadWork],
  'validate-csv': [...readSource, readWork, writeWork],
  'judge-csv': readSource,
  'find-duplicates': [readWork, listWork, writeWork],
  'report-rejects': [
    ...readSource,
    readWork,
    listWork,
    writeWork,
    allow(['s3:PutObject', 's3:AbortMultipartUpload'], [`${reports}/reports/*`]),
  ],
  'compare-index': [readWork, listWork, writeWork],
  'begin-load': [],
  'load-to-dynamodb': [
    ...readSource,
    readWork,
    listWork,
    allow(
      ['dynamodb:BatchWriteItem'],
      tables.map((name) => `\${aws_dynamodb_table.${name}-table.arn}`),
    ),
  ],
  'remove-missing': [readWork, listWork],
  'reconcile-load': [
    allow(['s3:GetObject', 's3:PutObject'], [`${reports}/reports/*`]),
    allow(['s3:DeleteObject'], [`${reports}/working/*`]),
  ],
});

/** All permissions, by role. */
const permissionsFor = (tables: readonly string[]): Record<string, readonly object[]> => ({
  ...Object.fromEntries(
    Object.entries(functionsFor(tables)).map(([name, own]) => [
      name,
      [
        ...own,
        allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], ['${aws_dynamodb_table.ledger-table.arn}']),
        allow(
          ['logs:CreateLogStream', 'logs:PutLogEvents'],
          [`\${aws_cloudwatch_log_group.${name}_log-group.arn}:*`],
        ),
        tracing,
      ],
    ]),
  ),
  trigger: [startWorkflow],
});

describe.each([
  [
    'INLINE' as const,
    '111122223333',
    ['results', 'orders'],
    [invoke, tell('eu-central-1:111122223333'), deliverLog, tracing, sampling],
  ],
  [
    'DISTRIBUTED' as const,
    '444455556666',
    ['results'],
    [invoke, ...childExecutions, tell('eu-central-1:444455556666'), deliverLog, tracing, sampling],
  ],
])('with an %s Map', (mapMode, account, tables, workflow) => {
  const roles = resources(stacks[mapMode], 'aws_iam_role');
  const policies = resources(stacks[mapMode], 'aws_iam_role_policy');
  const expected = Object.entries({ ...permissionsFor(tables), workflow });

  test('there are no other roles or policies', () => {
    expect(Object.keys(roles).sort()).toEqual(expected.map(([name]) => `${name}_role`).sort());
    expect(Object.keys(policies).sort()).toEqual(expected.map(([name]) => `${name}_policy`).sort());
    for (const type of ['aws_iam_policy', 'aws_iam_role_policy_attachment', 'aws_iam_policy_attachment'])
      expect(resources(stacks[mapMode], type)).toEqual({});
  });

  test.each(expected)('the role of %s has exactly the permissions it needs', (name, statements) => {
    expect(parsed(policies[`${name}_policy`], 'policy')).toEqual({
      Version: '2012-10-17',
      Statement: statements,
    });
  });

  test.each(expected)('only its service can assume the role of %s, for this account', (name) => {
    const services: Record<string, string> = {
      workflow: 'states.amazonaws.com',
      trigger: 'events.amazonaws.com',
    };
    const service = services[name];
    expect(parsed(roles[`${name}_role`], 'assume_role_policy')).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: service ?? 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
          ...(service && {
            Condition: {
              StringEquals: { 'aws:SourceAccount': account },
              ...(name === 'trigger' && {
                ArnEquals: { 'aws:SourceArn': '${aws_cloudwatch_event_rule.trigger_rule.arn}' },
              }),
            },
          }),
        },
      ],
    });
  });
});

describe('a permissions boundary', () => {
  interface Statement {
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
  }

  /** Whether a pattern of IAM, which may end with `*`, matches. */
  const matches = (pattern: string, value: string) =>
    pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;

  test.each([
    ['staging', 'arn:aws:iam::111122223333:policy/csv-pipeline-staging-boundary'],
    ['prod', 'arn:aws:iam::444455556666:policy/csv-pipeline-prod-boundary'],
    ['dev', undefined],
  ])('is that of the environment %s on each of its roles', (name, arn) => {
    const boundaries = Object.values(resources(synthesized(name), 'aws_iam_role')).map(
      (role) => role.permissions_boundary,
    );
    expect(boundaries.length).toBeGreaterThan(9);
    expect(new Set(boundaries)).toEqual(new Set([arn]));
  });

  test.each(['local', 'dev', 'staging', 'prod'])('allows all that the roles of %s need', (name) => {
    const { accountId: id, region } = environment(name);
    const stack = synthesized(name);
    const references = new References(stack.json.resource, { id, region });
    const fill = (text: string) =>
      text.replace('NAME', `csv-pipeline-${name}`).replace('ACCOUNT', id).replace('REGION', region);
    const isAllowed = (action: string, resource: string) =>
      boundary.Statement.some(
        ({ Action, Resource }) =>
          Action.includes(action) && Resource.some((pattern) => matches(fill(pattern), resource)),
      );
    const needed = Object.values(resources(stack, 'aws_iam_role_policy')).flatMap(({ policy }) =>
      (JSON.parse(references.resolve(String(policy))).Statement as Statement[]).flatMap(
        ({ Action, Resource }) => Action.flatMap((action) => Resource.map((on) => [action, on] as const)),
      ),
    );
    expect(needed.length).toBeGreaterThan(50);
    expect(needed.filter(([action, on]) => !isAllowed(action, on))).toEqual([]);
  });

  test('is required of every role that the deploy role creates or gives a policy', () => {
    const { Statement } = policyFor('deploy');
    const of = (action: string) => Statement.filter(({ Action }) => Action.includes(action));
    for (const action of ['CreateRole', 'PutRolePolicy', 'DeleteRolePolicy', 'PutRolePermissionsBoundary']) {
      expect(of(`iam:${action}`)).toEqual([
        expect.objectContaining({
          Resource: ['arn:aws:iam::ACCOUNT:role/NAME', 'arn:aws:iam::ACCOUNT:role/NAME-*'],
          Condition: {
            StringEquals: { 'iam:PermissionsBoundary': 'arn:aws:iam::ACCOUNT:policy/NAME-boundary' },
          },
        }),
      ]);
    }
    for (const action of ['AttachRolePolicy', 'DeleteRolePermissionsBoundary', 'CreatePolicyVersion'])
      expect(of(`iam:${action}`)).toEqual([]);
  });

  test('the deploy role passes roles only to the services that use them', () => {
    const passing = policyFor('deploy').Statement.filter(({ Action }) => Action.includes('iam:PassRole'));
    const services = ['dev', 'prod'].flatMap((name) =>
      Object.values(resources(synthesized(name), 'aws_iam_role')).map(
        ({ assume_role_policy }) => JSON.parse(String(assume_role_policy)).Statement[0].Principal.Service,
      ),
    );
    expect(passing).toEqual([
      expect.objectContaining({
        Condition: { StringEquals: { 'iam:PassedToService': [...new Set(services)].sort() } },
      }),
    ]);
  });
});
