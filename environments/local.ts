import type { EnvironmentInput } from './schema.ts';

/**
 * Runs on one machine, either with `npm start` or deployed to an AWS emulator at `AWS_ENDPOINT_URL`. The account ID is
 * the one that common emulators use.
 */
export const local: EnvironmentInput = {
  name: 'local',
  accountId: '123456789012',
  region: 'us-east-1',
  backend: { type: 'local' },
  datasets: { results: '', orders: 'orders/', airports: 'airports/', articles: 'articles/' },
  mapMode: 'INLINE',
  maxConcurrency: 4,
  logRetentionDays: 1,
  reportRetentionDays: 1,
  formerVersionDays: 1,
  deletionProtection: false,
  emulated: true,
  /** For a Terraform that installs its providers from a mirror with a single version. */
  get awsProviderVersion() {
    return process.env.OFFLINE_AWS_PROVIDER_VERSION || undefined;
  },
};
