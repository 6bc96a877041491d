import { underLease } from '../core/ledger/lease.ts';
import type { CompareEvent } from '../core/messages.ts';
import { compareIndex, withCompareCounts } from '../core/steps/compare-index.ts';
import { s3Client } from '../core/storage/aws.ts';
import { chunkTask } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();

/** Compares some of the file's keys with the index of its feed. */
export const handler = chunkTask(
  manifest,
  withCompareCounts,
  (event: CompareEvent, { entry, context, dataset, settings, hasTime }) =>
    underLease(entry, context, () =>
      compareIndex(s3, event, dataset, {
        ...settings,
        hasTime,
        verifyUnfinished: () => entry.verifyUnfinished(),
      }),
    ),
);
