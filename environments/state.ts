import type { StateSettings } from './schema.ts';

/** The bucket for the states of the environments whose backend is S3. */
export const state: StateSettings = {
  accountId: '111122223333',
  region: 'eu-central-1',
  bucket: 'csv-pipeline-state-111122223333',
  emulated: false,
};
