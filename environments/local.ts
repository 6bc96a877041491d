import type { EnvironmentInput } from './schema.ts';

/**
 * For this machine: with `npm start`, or deployed to an AWS emulator at `AWS_ENDPOINT_URL`. The account is the usual one
 * of emulators.
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
  /** If Terraform installs from a mirror that has only one version, this variable names it. */
  get awsProviderVersion() {
    return process.env.OFFLINE_AWS_PROVIDER_VERSION || undefined;
  },
};
