import { environment, environmentNames } from '../../environments/index.ts';
import { checkEnvironment, type EnvironmentInput } from '../../environments/schema.ts';

const valid: EnvironmentInput = {
  name: 'test',
  accountId: '111122223333',
  region: 'eu-central-1',
  backend: { type: 'local' },
  mapMode: 'INLINE',
  maxConcurrency: 40,
  logRetentionDays: 7,
  reportRetentionDays: 7,
  formerVersionDays: 7,
  deletionProtection: false,
};

/** The problem that is reported for valid settings with these changes. */
function problem(changes: object): string {
  try {
    checkEnvironment({ ...valid, ...changes });
  } catch (error) {
    return String(error);
  }
  return 'none';
}

test('the defaults are the documented ones', () => {
  expect(checkEnvironment(valid)).toEqual({
    ...valid,
    datasets: { results: '' },
    maxDecompressedGigabytes: 100,
    maxRows: 1_000_000_000,
    executionTimeoutMinutes: 120,
    reservedConcurrency: {},
    functionMemoryMb: 512,
    functionTimeoutSeconds: 300,
    alarmSubscriptions: [],
    notifications: [],
    encryption: { type: 'aws-managed' },
    emulated: false,
    tags: {},
  });
});

test.each(environmentNames)('%s is valid and has its own name', (name) => {
  expect(environment(name).name).toBe(name);
});

test.each([
  [
    'an unknown outcome',
    { notifications: [{ on: ['done'], protocol: 'email', endpoint: 'a@b.c' }] },
    'notifications.0.on.0: must be one of loaded, rejected, failed, not "done"',
  ],
  [
    'a notification of nothing',
    { notifications: [{ on: [], protocol: 'email', endpoint: 'a@b.c' }] },
    'notifications.0.on: must be of a length of at least 1',
  ],
  [
    'an outcome named twice',
    { notifications: [{ on: ['loaded', 'loaded'], protocol: 'email', endpoint: 'a@b.c' }] },
    'notifications.0.on: must not name an outcome twice',
  ],
  [
    'a notification over plain HTTP',
    { notifications: [{ on: ['loaded'], protocol: 'https', endpoint: 'http://a.b/c' }] },
    'notifications.0.endpoint: must be a URL that starts with https:// for the protocol https, not "http://a.b/c"',
  ],
  [
    'a notification to a FIFO queue',
    {
      notifications: [
        { on: ['loaded'], protocol: 'sqs', endpoint: 'arn:aws:sqs:eu-central-1:111122223333:a.fifo' },
      ],
    },
    'notifications.0.endpoint: must be the ARN of a queue that is not FIFO for the protocol sqs',
  ],
  ['a missing setting', { region: undefined }, 'region: is missing'],
  [
    'a misspelt setting',
    { maxConcurency: 5 },
    '(the environment): has the unknown setting "maxConcurency" (did you mean "maxConcurrency"?)',
  ],
  ['an unknown setting', { colour: 5 }, '(the environment): has the unknown setting "colour"'],
  [
    'a misspelt setting of a part',
    { backend: { type: 's3', bucket: 'states', region: 'eu-central-1', regoin: 'eu-central-1' } },
    'backend: has the unknown setting "regoin" (did you mean "region"?)',
  ],
  [
    'a misspelt dataset',
    { datasets: { result: '' } },
    'datasets: has the unknown dataset "result" (did you mean "results"?)',
  ],
  [
    'a setting of the wrong type',
    { deletionProtection: 'no' },
    'deletionProtection: must be true or false, not "no"',
  ],
  ['a name that S3 does not accept', { name: 'Prod' }, 'name: must be 1 to 16 characters of a-z, 0-9 and -'],
  ['a short account ID', { accountId: '1234' }, 'accountId: must be the 12 digits of an AWS account ID'],
  ['an invalid region', { region: 'Frankfurt' }, 'region: must be an AWS region such as eu-central-1'],
  [
    'a region without arm64 functions',
    { region: 'eu-central-9' },
    'region: must be a region in which Lambda supports arm64 functions',
  ],
  [
    'a region of GovCloud',
    { region: 'us-gov-west-1' },
    'region: must be a region of the partition aws: in GovCloud, China and the other partitions, ARNs differ',
  ],
  [
    'a region of China',
    { region: 'cn-north-1' },
    'region: must be a region of the partition aws: in GovCloud',
  ],
  ['a sovereign region', { region: 'eusc-de-east-1' }, 'region: must be a region of the partition aws: in'],
  [
    'an alias in place of a key',
    { encryption: { type: 'customer-managed', keyArn: 'arn:aws:kms:eu-central-1:111122223333:alias/data' } },
    'encryption.keyArn: must be the ARN of a KMS key (not of an alias)',
  ],
  [
    'a key of another region',
    { encryption: { type: 'customer-managed', keyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd' } },
    "encryption.keyArn: must be a key of the environment's region",
  ],
  [
    'a key for the keys that AWS manages',
    { encryption: { type: 'aws-managed', keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd' } },
    'encryption: has the unknown setting "keyArn"',
  ],
  [
    'a permissions boundary that is not an ARN',
    { permissionsBoundary: 'boundary' },
    'permissionsBoundary: must be the ARN of a policy, such as arn:aws:iam::111122223333:policy/',
  ],
  [
    'a retention that CloudWatch does not accept',
    { logRetentionDays: 8 },
    'logRetentionDays: must be one of 1, 3, 5, 7, 14, 30,',
  ],
  [
    'a timeout that is too short',
    { functionTimeoutSeconds: 29 },
    'functionTimeoutSeconds: must be at least 30, not 29',
  ],
  ['a fraction', { maxConcurrency: 1.5 }, 'maxConcurrency: must be a whole number, not 1.5'],
  [
    'a string that is too short',
    { backend: { type: 's3', bucket: 'x', region: 'eu-central-1' } },
    'backend.bucket: must be of a length of at least 3, not "x"',
  ],
  [
    'a workspace that is neither a name nor tags',
    { backend: { type: 'cloud', organization: 'example', workspace: 1 } },
    'backend.workspace: must be a name or { tags: [...] }, not 1',
  ],
  ['an unknown backend', { backend: { type: 'gcs' } }, 'backend.type: must be one of local, s3, cloud'],
  [
    'a backend without its bucket',
    { backend: { type: 's3', region: 'eu-central-1' } },
    'backend.bucket: is missing',
  ],
  [
    'a reservation for a misspelt function',
    { reservedConcurrency: { 'validate-cvs': 10 } },
    'reservedConcurrency: has the unknown function "validate-cvs" (did you mean "validate-csv"?)',
  ],
  [
    'a reservation of nothing, which would switch the function off',
    { reservedConcurrency: { 'validate-csv': 0 } },
    'reservedConcurrency.validate-csv: must be at least 1, not 0',
  ],
  [
    'an INLINE Map with concurrency 41',
    { maxConcurrency: 41 },
    'maxConcurrency: must be at most 40, the limit of an INLINE Map; for more, set mapMode to DISTRIBUTED',
  ],
])('%s is an error that names the environment and the setting', (_, changes, message) => {
  const text = problem(changes);
  expect(text).toContain('Error: The environment "');
  expect(text).toContain(`is invalid:\n  ${message}`);
});

test('a DISTRIBUTED Map may run more than 40 iterations at the same time', () => {
  expect(problem({ mapMode: 'DISTRIBUTED', maxConcurrency: 41 })).toBe('none');
});

test('all problems are reported together', () => {
  expect(problem({ accountId: '1', region: 'x' }).split('\n')).toHaveLength(3);
});

test('an unknown environment is an error that lists the existing ones', () => {
  expect(() => environment('production')).toThrow(
    'There is no environment "production". Choose one of local, dev, staging, prod, or pr-NUMBER for a preview.',
  );
});

test('a preview is a copy of dev with its own name, and a state that others can access', () => {
  expect(environment('pr-123')).toEqual({
    ...environment('dev'),
    name: 'pr-123',
    backend: { type: 's3', bucket: 'csv-pipeline-state-111122223333', region: 'eu-central-1' },
    permissionsBoundary: 'arn:aws:iam::111122223333:policy/csv-pipeline-preview-boundary',
  });
  expect(() => environment('pr-x')).toThrow('There is no environment "pr-x"');
});
