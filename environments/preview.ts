import { dev } from './dev.ts';
import type { EnvironmentInput } from './schema.ts';
import { state } from './state.ts';

/** Matches the name of a preview, which contains the number of its pull request. */
export const PREVIEW = /^pr-\d{1,6}$/;

/** A disposable copy of `dev`, with its own names and its own state. */
export function preview(name: string): EnvironmentInput {
  return {
    ...dev,
    name,
    // In S3, because the machine that destroys a preview may not be the one that deployed it.
    backend: { type: 's3', bucket: state.bucket, region: state.region },
    deletionProtection: false,
    // CI deploys previews, and its deploy role can only create roles with a boundary.
    permissionsBoundary: `arn:aws:iam::${dev.accountId}:policy/csv-pipeline-preview-boundary`,
  };
}
