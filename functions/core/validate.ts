/** Checks every row of a chunk. */

import type { S3Client } from '@aws-sdk/client-s3';
import { check } from './check.ts';
import { progressLog } from './log.ts';
import type { ValidatedChunk, ValidateEvent } from './messages.ts';
import { readRecords } from './records.ts';
import { RejectWriter } from './rejects.ts';
import { readRange } from './source.ts';

/** Counts the chunk's rows, and lists those that break the row contract in the reports bucket. */
export async function validateChunk(
  s3: S3Client,
  { execution, source, format, chunk }: ValidateEvent,
  reportsBucket: string,
): Promise<ValidatedChunk> {
  const rejects = new RejectWriter(s3, { bucket: reportsBucket, execution, chunkStart: chunk.start });
  const progress = progressLog('validate', chunk.start);
  const batches = readRecords(readRange(s3, source, chunk.start, chunk.end), format.delimiter, chunk.start);
  let read = 0;
  let rejected = 0;
  for (;;) {
    const batch = await batches.next();
    if (batch.done) {
      const { lines } = batch.value;
      return {
        start: chunk.start,
        end: chunk.end,
        lines,
        read,
        rejected,
        rejectParts: await rejects.close(),
      };
    }
    for (const record of batch.value) {
      read += 1;
      const checked = check(record, format.columns, format.width);
      if ('item' in checked) continue;
      rejected += 1;
      await rejects.add({ ...checked.rejection, line: record.line, raw: record.raw.toString('base64') });
    }
    progress(read, (batch.value.at(-1)?.end ?? chunk.start) - chunk.start);
  }
}
