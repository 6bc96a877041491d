import type { EnvironmentInput } from './schema.ts';

/** For trying out changes: the state is on the developer's disk, and everything can be deleted. */
export const dev: EnvironmentInput = {
  name: 'dev',
  accountId: '111122223333',
  region: 'eu-central-1',
  backend: { type: 'local' },
  datasets: { results: '', orders: 'orders/' },
  mapMode: 'INLINE',
  maxConcurrency: 10,
  logRetentionDays: 7,
  reportRetentionDays: 7,
  formerVersionDays: 7,
  deletionProtection: false,
};
