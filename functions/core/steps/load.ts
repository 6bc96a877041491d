/** Writes the accepted rows of a chunk to the table. */

import type { S3Client } from '@aws-sdk/client-s3';
import { check } from '../csv/check.ts';
import { readChunk } from '../csv/chunks.ts';
import { isBlankRecord } from '../csv/records.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { noWrites, sumOfWrites } from '../dataset/load.ts';
import type { BegunLoad, Chunk, LoadEvent, LoadedChunk } from '../messages.ts';
import { progressLog } from '../runtime/log.ts';
import type { StepSettings } from '../runtime/time.ts';
import type { TableWriter } from '../table/table-writer.ts';
import { earlierDuplicates, isRejecting } from '../working/earlier-duplicates.ts';
import { unchangedRows } from '../working/unchanged-rows.ts';

/** How far the load of a chunk has got: the byte to resume from, and the counts up to there. */
export type LoadMark = Pick<LoadedChunk, 'at' | 'read' | 'rejected' | 'duplicates' | 'unchanged'>;

/** A chunk with the counts of its load, which are zero until an invocation has worked on it. */
export function withLoadCounts(chunk: Chunk & Partial<LoadedChunk>): LoadedChunk {
  return { read: 0, rejected: 0, loaded: 0, duplicates: 0, at: chunk.start, ...chunk };
}

/**
 * Checks the chunk's rows again, starting at `at` and with the code that validated them, and writes the valid ones. No
 * write is in flight when it ends, even with an error.
 * @returns the chunk with its counts. Every row in front of `at` is confirmed; `at` is the chunk's end unless the time
 * ran out.
 * @throws LoadTimeoutError when the time runs out before the table has accepted anything.
 */
export async function loadChunk(
  s3: S3Client,
  writer: Pick<TableWriter<LoadMark>, 'put' | 'close' | 'stop'>,
  event: LoadEvent & BegunLoad,
  dataset: Dataset,
  { reportsBucket, hasTime }: StepSettings,
): Promise<LoadedChunk> {
  const { format, execution, dataEnd, feed, load } = event;
  const chunk = withLoadCounts(event.chunk);
  const { start, end } = chunk;
  const progress = progressLog('load', start);
  let { read, rejected, duplicates, unchanged } = chunk;
  let at = end;
  const place = { bucket: reportsBucket, execution, encoding: format.encoding, chunkStart: start };
  const { comparisonOf } = await earlierDuplicates(s3, place, event.repeated);
  const isUnchanged = feed === null ? undefined : await unchangedRows(s3, { ...place, load });
  const mark = (position: number): LoadMark => ({
    at: position,
    read,
    rejected,
    duplicates,
    ...(unchanged !== undefined && { unchanged }),
  });
  const records = chunk.at < dataEnd ? readChunk(s3, event, reportsBucket, chunk.at) : [];
  try {
    for await (const batch of records) {
      for (const record of batch.records) {
        if (record.start >= dataEnd || isBlankRecord(record, format)) continue;
        read += 1;
        if (isUnchanged?.(read - 1)) {
          unchanged = (unchanged ?? 0) + 1;
          continue;
        }
        const checked = check(record, format, dataset);
        const comparison = comparisonOf(read - 1);
        // Only a line break separates a record's end from the next record, so `record.end` is a byte to resume from.
        if (!('item' in checked)) rejected += 1;
        else if (comparison === undefined) {
          const wait = writer.put(checked.item, mark(record.end));
          if (wait !== undefined) await wait;
        } else if (isRejecting(comparison, dataset)) rejected += 1;
        else duplicates += 1;
      }
      progress(read, batch.at - start);
      if (batch.at < end && !hasTime()) {
        at = batch.at;
        break;
      }
    }
    const { mark: last, ...written } = await writer.close(mark(at));
    return { start, end, ...sumOfWrites([noWrites(dataset.load), chunk, written]), ...last };
  } finally {
    // Reading may fail while rows are being written, and nothing may be written once this has ended.
    await writer.stop();
  }
}
