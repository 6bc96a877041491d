import { dev } from './dev.ts';
import type { EnvironmentInput } from './schema.ts';
import { state } from './state.ts';

/** Names of previews: they contain the number of the pull request. */
export const PREVIEW = /^pr-\d{1,6}$/;

/** A temporary copy of `dev`, with its own names and state. */
export function preview(name: string): EnvironmentInput {
  return {
    ...dev,
    name,
    // Another machine may destroy the preview than the one that deployed it.
    backend: { type: 's3', bucket: state.bucket, region: state.region },
    deletionProtection: false,
  };
}
