import type { DuplicatesEvent } from '../core/messages.ts';
import { findDuplicates } from '../core/steps/find-duplicates.ts';
import { s3Client } from '../core/storage/aws.ts';
import { task } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();

/** Finds the earlier duplicates: the rows whose key a later row has. */
export const handler = task(manifest, (event: DuplicatesEvent, { dataset, settings, hasTime }) =>
  findDuplicates(s3, event, dataset, { ...settings, hasTime }),
);
