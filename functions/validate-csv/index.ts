import { underLease } from '../core/ledger/lease.ts';
import type { ValidateEvent } from '../core/messages.ts';
import { validateChunk, withValidationCounts } from '../core/steps/validate.ts';
import { s3Client } from '../core/storage/aws.ts';
import { chunkTask } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();

/** Validates every row of a chunk. */
export const handler = chunkTask(
  manifest,
  withValidationCounts,
  (event: ValidateEvent, { entry, context, dataset, settings, hasTime }) =>
    underLease(entry, context, () => validateChunk(s3, event, dataset, { ...settings, hasTime })),
);
