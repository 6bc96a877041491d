import { dev } from './dev.ts';
import type { EnvironmentInput } from './schema.ts';
import { state } from './state.ts';

/** What the name of a preview is like: the number of the pull request that it is made for. */
export const PREVIEW = /^pr-\d{1,6}$/;

/** A throw-away copy of `dev`, with names and a state of its own. */
export function preview(name: string): EnvironmentInput {
  return {
    ...dev,
    name,
    // What has made it may not be what takes it down.
    backend: { type: 's3', bucket: state.bucket, region: state.region },
    deletionProtection: false,
  };
}
