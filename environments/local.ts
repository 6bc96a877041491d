import type { EnvironmentInput } from './schema.ts';

/** Runs on one machine with `npm start`. The account is that of common AWS emulators. */
export const local: EnvironmentInput = {
  name: 'local',
  accountId: '123456789012',
  region: 'us-east-1',
  backend: { type: 'local' },
  datasets: { results: '', orders: 'orders/', airports: 'airports/' },
  mapMode: 'INLINE',
  maxConcurrency: 4,
  logRetentionDays: 1,
  reportRetentionDays: 1,
  formerVersionDays: 1,
  deletionProtection: false,
};
