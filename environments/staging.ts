import type { EnvironmentInput } from './schema.ts';
import { state } from './state.ts';

/** Like production on a smaller scale, with the state in S3. */
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
  alarmSubscriptions: [{ protocol: 'email', endpoint: 'data-staging@example.com' }],
};
