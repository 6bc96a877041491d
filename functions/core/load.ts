/** Writes the accepted rows of a chunk to the table. */

import type { S3Client } from '@aws-sdk/client-s3';
import { check } from './check.ts';
import { progressLog } from './log.ts';
import type { LoadEvent, LoadedChunk } from './messages.ts';
import { readRecords } from './records.ts';
import { readRange } from './source.ts';
import type { TableWriter } from './table-writer.ts';

/**
 * Reads and checks the chunk once more, by the same code that validated it, and writes what passes.
 * @throws LoadTimeoutError when the function's time runs out before every row is written.
 */
export async function loadChunk(
  s3: S3Client,
  writer: TableWriter,
  { source, format, chunk }: LoadEvent,
): Promise<LoadedChunk> {
  const progress = progressLog('load', chunk.start);
  let read = 0;
  let rejected = 0;
  for await (const batch of readRecords(
    readRange(s3, source, chunk.start, chunk.end),
    format.delimiter,
    chunk.start,
  )) {
    for (const record of batch) {
      read += 1;
      const checked = check(record, format.columns, format.width);
      if ('item' in checked) await writer.put(checked.item);
      else rejected += 1;
    }
    progress(read, (batch.at(-1)?.end ?? chunk.start) - chunk.start);
  }
  await writer.close();
  const { loaded, duplicates } = writer;
  return { start: chunk.start, end: chunk.end, read, loaded, rejected, duplicates };
}
