import type { EnvironmentInput } from './schema.ts';
import { state } from './state.ts';

/** Like production but smaller, with its state in S3. */
export const staging: EnvironmentInput = {
  name: 'staging',
  accountId: '111122223333',
  region: 'eu-central-1',
  backend: { type: 's3', bucket: state.bucket, region: state.region },
  mapMode: 'DISTRIBUTED',
  maxConcurrency: 40,
  logRetentionDays: 30,
  reportRetentionDays: 30,
  formerVersionDays: 30,
  deletionProtection: false,
  permissionsBoundary: 'arn:aws:iam::111122223333:policy/csv-pipeline-staging-boundary',
  alarmSubscriptions: [{ protocol: 'email', endpoint: 'data-staging@example.com' }],
};
