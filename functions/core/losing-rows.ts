/** Reads the rows of a chunk that lose to later ones with the same key, for the report. */

import type { S3Client } from '@aws-sdk/client-s3';
import { check } from './check.ts';
import type { Dataset, Rejection, StoredItem } from './dataset.ts';
import { losing, readLosers } from './losers.ts';
import type { Chunk, Format, Source } from './messages.ts';
import { readRecords } from './records.ts';
import type { Reject } from './rejects.ts';
import { quotedValue } from './report-rows.ts';
import { chunkReader } from './text.ts';

/** The part of an execution's work that a chunk is. */
export interface ChunkWork {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly chunk: Chunk;
}

/** Reads the chunk once more, if any of its rows loses, and gives those that do, as rejected rows are given. */
export async function* losingRows(
  s3: S3Client,
  work: ChunkWork,
  dataset: Dataset,
  reportsBucket: string,
): AsyncGenerator<Reject, void> {
  const { execution, format, chunk } = work;
  const { start, end } = chunk;
  const { encoding, size } = format;
  const losers = await readLosers(s3, { bucket: reportsBucket, execution, encoding, chunkStart: start });
  if (losers.length === 0) return;
  const loses = losing(losers);
  let row = 0;
  for await (const { records } of readRecords(
    chunkReader(s3, work, reportsBucket),
    { start, end, size },
    format,
  )) {
    for (const record of records) {
      row += 1;
      if (!loses(row - 1)) continue;
      const checked = check(record, format, dataset);
      yield {
        ...loserRejection('item' in checked ? checked.item : { pk: '' }),
        line: record.line,
        raw: record.raw.toString('base64'),
      };
    }
  }
}

/** What is said of a row that loses. */
export function loserRejection({
  pk,
  sk,
}: Pick<StoredItem, 'pk' | 'sk'>): Rejection & Required<Pick<Reject, 'value'>> {
  const value = quotedValue(sk === undefined ? pk : `${pk} ${sk}`);
  return { column: null, code: 'duplicate_key', reason: 'has the key of a later row', value };
}
