/** Reads the earlier duplicates of a chunk for the report: rows whose key a later row of the file has. */

import type { S3Client } from '@aws-sdk/client-s3';
import { check } from '../csv/check.ts';
import type { Reject } from '../csv/report-rows.ts';
import { quotedValue } from '../csv/report-rows.ts';
import { readChunk } from '../csv/text.ts';
import type { Dataset, Rejection, StoredItem } from '../dataset/dataset.ts';
import type { ChunkJob, WithinChunk } from '../messages.ts';
import { ascendingLookup, readEarlierDuplicates } from './earlier-duplicates.ts';

/** Consecutive earlier duplicates. */
export interface DuplicateRows {
  readonly rejects: readonly Reject[];
  /** Where to resume after them; null at the end of the chunk. */
  readonly within: WithinChunk | null;
}

/**
 * Yields the earlier duplicates of a chunk as rejects. Reads the chunk again only if it has any.
 * @param from where an earlier invocation stopped; null for the chunk's start.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function* duplicateRows(
  s3: S3Client,
  job: ChunkJob,
  dataset: Dataset,
  reportsBucket: string,
  from: WithinChunk | null,
): AsyncGenerator<DuplicateRows, void> {
  const { execution, format, chunk } = job;
  const { start, end } = chunk;
  const place = { bucket: reportsBucket, execution, encoding: format.encoding, chunkStart: start };
  const earlierDuplicates = await readEarlierDuplicates(s3, place);
  if (earlierDuplicates.length === 0) return;
  const isEarlierDuplicate = ascendingLookup(earlierDuplicates);
  const { at, lines, ...resumed } = from ?? { at: start, row: 0, lines: 0 };
  let { row } = resumed;
  for await (const batch of readChunk(s3, job, reportsBucket, at)) {
    const rejects: Reject[] = [];
    for (const record of batch.records) {
      row += 1;
      if (!isEarlierDuplicate(row - 1)) continue;
      const checked = check(record, format, dataset);
      rejects.push({
        ...duplicateRejection('item' in checked ? checked.item : { pk: '' }),
        line: lines + record.line,
        raw: record.raw.toString('base64'),
      });
    }
    const isWithin = batch.at !== undefined && batch.at < end;
    yield { rejects, within: isWithin ? { at: batch.at, row, lines: lines + batch.lines } : null };
  }
}

/** The rejection of an earlier duplicate. */
export function duplicateRejection(
  item: Pick<StoredItem, 'pk' | 'sk'>,
): Rejection & Required<Pick<Reject, 'value'>> {
  const { pk, sk } = item;
  const value = quotedValue(sk === undefined ? pk : `${pk} ${sk}`);
  return { column: null, code: 'duplicate_key', reason: 'has the same key as a later row', value };
}
