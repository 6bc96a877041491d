/** Reads the earlier duplicates of a chunk for the report: rows whose key, or unique value, a later row of the file has. */

import type { S3Client } from '@aws-sdk/client-s3';
import { check } from '../csv/check.ts';
import { readChunk } from '../csv/chunks.ts';
import type { Reject } from '../csv/report-rows.ts';
import { quotedValue } from '../csv/report-rows.ts';
import { type Dataset, type Rejection, type StoredItem, uniqueValue } from '../dataset/dataset.ts';
import { isBlank } from '../dataset/row-kinds.ts';
import { keyOf, keyTexts } from '../dataset/shape/table-key.ts';
import type { ChunkJob, WithinChunk } from '../messages.ts';
import { earlierDuplicates } from './earlier-duplicates.ts';

/** Consecutive earlier duplicates. */
export interface DuplicateRows {
  readonly rejects: readonly Reject[];
  /** Where to resume after them; null at the end of the chunk. */
  readonly within: WithinChunk | null;
}

/**
 * Yields the earlier duplicates of a chunk as rejects. Reads the chunk again only if it has any.
 * @param repeated number of them in the whole file, for each comparison whose rows are listed.
 * @param from where an earlier invocation stopped; null for the chunk's start.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function* duplicateRows(
  s3: S3Client,
  job: ChunkJob,
  dataset: Dataset,
  reportsBucket: string,
  repeated: readonly number[],
  from: WithinChunk | null,
): AsyncGenerator<DuplicateRows, void> {
  const { execution, format, chunk } = job;
  const { start, end } = chunk;
  const place = { bucket: reportsBucket, execution, encoding: format.encoding, chunkStart: start };
  const { isEmpty, comparisonOf } = await earlierDuplicates(s3, place, repeated);
  if (isEmpty) return;
  const { at, lines, ...resumed } = from ?? { at: start, row: 0, lines: 0 };
  let { row } = resumed;
  for await (const batch of readChunk(s3, job, reportsBucket, at)) {
    const rejects: Reject[] = [];
    for (const record of batch.records) {
      if (isBlank(record.fields)) continue;
      row += 1;
      const comparison = comparisonOf(row - 1);
      if (comparison === undefined) continue;
      const checked = check(record, format, dataset);
      rejects.push({
        ...duplicateRejection('item' in checked ? checked.item : {}, comparison, dataset),
        line: lines + record.line,
        raw: record.raw.toString('base64'),
      });
    }
    yield { rejects, within: batch.at < end ? { at: batch.at, row, lines: lines + batch.lines } : null };
  }
}

/** The rejection of an earlier duplicate, by the comparison that leaves it out. */
export function duplicateRejection(
  item: StoredItem,
  comparison: number,
  { key, unique }: Pick<Dataset, 'key' | 'unique'>,
): Rejection & Required<Pick<Reject, 'value'>> {
  const { [comparison - 1]: column } = unique;
  if (column !== undefined) {
    const value = quotedValue(uniqueValue(item, column) ?? '');
    return { column: column.name, code: 'not_unique', reason: 'has the same value as a later row', value };
  }
  const texts = Object.values(keyTexts(key, keyOf(key, item)));
  const value = quotedValue(texts.join(' '));
  return { column: null, code: 'duplicate_key', reason: 'has the same key as a later row', value };
}
