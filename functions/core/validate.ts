/** Checks every row of a chunk. */

import { isAscii } from 'node:buffer';
import type { S3Client } from '@aws-sdk/client-s3';
import { check } from './check.ts';
import type { Dataset } from './dataset.ts';
import { progressLog } from './log.ts';
import type { ValidatedChunk, ValidateEvent } from './messages.ts';
import { readRecords } from './records.ts';
import { RejectWriter } from './rejects.ts';
import { quotedValue } from './report-rows.ts';
import { chunkReader } from './text.ts';

export interface ValidateSettings {
  readonly reportsBucket: string;
  /** Asked after some rows each: whether there is time for more. */
  readonly mayGoOn: () => boolean;
}

/**
 * Counts the chunk's rows from `at` on, and lists those that break the dataset's rules in the reports bucket.
 * @returns the chunk with `at` behind the last row that was checked: behind the chunk, unless the time ran out.
 */
export async function validateChunk(
  s3: S3Client,
  event: ValidateEvent,
  dataset: Dataset,
  { reportsBucket, mayGoOn }: ValidateSettings,
): Promise<ValidatedChunk> {
  const { execution, format, chunk } = event;
  const { start, end } = chunk;
  const rejects = new RejectWriter(
    s3,
    { bucket: reportsBucket, execution, chunkStart: start },
    chunk.rejectParts,
  );
  const progress = progressLog('validate', start);
  let { read, rejected, text } = chunk;
  let linesRead = 0;
  let at: number | undefined = chunk.at;
  const batches = readRecords(
    chunkReader(s3, event, reportsBucket),
    { start: chunk.at, end, size: format.size },
    format,
  );
  for await (const batch of batches) {
    for (const record of batch.records) {
      read += 1;
      if (!batch.isAscii && !isAscii(record.raw)) {
        const kind = record.fault === 'invalid_encoding' ? 'invalid' : 'sound';
        text = text === 'ascii' || text === kind ? kind : 'mixed';
      }
      const checked = check(record, format, dataset);
      if ('item' in checked) continue;
      rejected += 1;
      const { column } = checked.rejection;
      const index = dataset.columns.findIndex(({ name }) => name === column);
      const cell = record.fields?.[format.columns[index] ?? -1]?.trim();
      await rejects.add({
        ...checked.rejection,
        line: chunk.lines + record.line,
        raw: record.raw.toString('base64'),
        ...(cell && { value: quotedValue(cell) }),
      });
    }
    ({ at, lines: linesRead } = batch);
    progress(read, (at ?? end) - start);
    if (at !== undefined && at < end && !mayGoOn()) break;
  }
  return {
    start,
    end,
    // A line that is too long has no end where the chunk has: one byte behind says that they disagree.
    at: at ?? end + 1,
    lines: chunk.lines + linesRead,
    read,
    rejected,
    rejectParts: await rejects.close(),
    text,
  };
}
