import type { EnvironmentInput } from './schema.ts';

/**
 * Runs on one machine: with `npm start`, or deployed to an AWS emulator at `AWS_ENDPOINT_URL`. The account is that of
 * common emulators.
 */
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
  emulated: true,
  /** Where Terraform installs from a mirror, which has one version only, a variable says which. */
  get awsProviderVersion() {
    return process.env.OFFLINE_AWS_PROVIDER_VERSION || undefined;
  },
};
