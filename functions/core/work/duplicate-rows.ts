/** Reads the rows of a chunk that lose to later ones with the same key, for the report. */

import type { S3Client } from '@aws-sdk/client-s3';
import { check } from '../csv/check.ts';
import { readRecords } from '../csv/records.ts';
import { quotedValue } from '../csv/report-rows.ts';
import { chunkReader } from '../csv/text.ts';
import type { Dataset, Rejection, StoredItem } from '../dataset/dataset.ts';
import type { Chunk, Format, Source, WithinChunk } from '../messages.ts';
import { losing, readEarlierDuplicates } from './earlier-duplicates.ts';
import type { Reject } from './rejects.ts';

/** The part of an execution's work that a chunk is. */
export interface ChunkWork {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly chunk: Chunk;
}

/** Some rows that lose, and where to go on behind them; null at the chunk's end. */
export interface DuplicateRows {
  readonly rejects: readonly Reject[];
  readonly within: WithinChunk | null;
}

/**
 * Reads the chunk once more, if any of its rows loses, and gives those that do, as rejected rows are given.
 * @param from where an earlier invocation got to; null for the chunk's start.
 */
export async function* duplicateRows(
  s3: S3Client,
  work: ChunkWork,
  dataset: Dataset,
  reportsBucket: string,
  from: WithinChunk | null,
): AsyncGenerator<DuplicateRows, void> {
  const { execution, format, chunk } = work;
  const { start, end } = chunk;
  const { encoding, size } = format;
  const losers = await readEarlierDuplicates(s3, {
    bucket: reportsBucket,
    execution,
    encoding,
    chunkStart: start,
  });
  if (losers.length === 0) return;
  const loses = losing(losers);
  const { at, lines, ...before } = from ?? { at: start, row: 0, lines: 0 };
  let { row } = before;
  const batches = readRecords(chunkReader(s3, work, reportsBucket), { start: at, end, size }, format);
  for await (const batch of batches) {
    const rejects: Reject[] = [];
    for (const record of batch.records) {
      row += 1;
      if (!loses(row - 1)) continue;
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

/** What is said of a row that loses. */
export function duplicateRejection({
  pk,
  sk,
}: Pick<StoredItem, 'pk' | 'sk'>): Rejection & Required<Pick<Reject, 'value'>> {
  const value = quotedValue(sk === undefined ? pk : `${pk} ${sk}`);
  return { column: null, code: 'duplicate_key', reason: 'has the key of a later row', value };
}
