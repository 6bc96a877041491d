import type { StateSettings } from './schema.ts';

/** The bucket for the state of the environments that keep it in S3. */
export const state: StateSettings = {
  accountId: '111122223333',
  region: 'eu-central-1',
  bucket: 'csv-pipeline-state-111122223333',
  emulated: false,
};
