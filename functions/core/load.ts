/** Writes the accepted rows of a chunk to the table. */

import type { S3Client } from '@aws-sdk/client-s3';
import { check } from './check.ts';
import { progressLog } from './log.ts';
import type { LoadEvent, LoadedChunk } from './messages.ts';
import { readRecords } from './records.ts';
import type { TableWriter } from './table-writer.ts';
import { chunkReader } from './text.ts';

/**
 * Reads and checks the chunk once more, by the same code that validated it, and writes what passes.
 * @throws LoadTimeoutError when the function's time runs out before every row is written.
 */
export async function loadChunk(
  s3: S3Client,
  writer: TableWriter,
  event: LoadEvent,
  reportsBucket: string,
): Promise<LoadedChunk> {
  const { format, chunk } = event;
  const { start, end } = chunk;
  const progress = progressLog('load', start);
  let { read, rejected } = chunk;
  const batches = readRecords(
    chunkReader(s3, event, reportsBucket),
    { start: chunk.at, end, size: format.size },
    format.delimiter,
  );
  for await (const { records, at } of batches) {
    for (const record of records) {
      read += 1;
      const checked = check(record, format.columns, format.width);
      if ('item' in checked) await writer.put(checked.item);
      else rejected += 1;
    }
    progress(read, (at ?? end) - start);
  }
  await writer.close();
  const { loaded, duplicates } = writer;
  return {
    start,
    end,
    at: end,
    read,
    loaded: chunk.loaded + loaded,
    rejected,
    duplicates: chunk.duplicates + duplicates,
  };
}
