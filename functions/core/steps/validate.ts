/** Checks every row of a chunk. */

import { isAscii, isUtf8 } from 'node:buffer';
import type { S3Client } from '@aws-sdk/client-s3';
import { check } from '../csv/check.ts';
import { type CsvRecord, readRecords } from '../csv/records.ts';
import { quotedValue } from '../csv/report-rows.ts';
import { chunkReader } from '../csv/text.ts';
import { type Dataset, keyOf, type Rejection } from '../dataset/dataset.ts';
import type { Chunk, Format, TextKind, ValidatedChunk, ValidateEvent } from '../messages.ts';
import { progressLog } from '../runtime/log.ts';
import { KeyWriter } from '../work/keys.ts';
import { type Reject, RejectWriter } from '../work/rejects.ts';

export interface ValidateSettings {
  readonly reportsBucket: string;
  /** Asked after some rows each: whether there is time for more. */
  readonly hasTime: () => boolean;
}

/** A chunk to be checked; its counts are zero until an invocation has worked on it. */
export function begunValidation(chunk: Chunk & Partial<ValidatedChunk>): ValidatedChunk {
  const counts = { read: 0, rejected: 0, lines: 0, rejectParts: 0, keyRuns: 0, repeated: 0 };
  return { ...counts, at: chunk.start, text: 'ascii', ...chunk };
}

/**
 * Counts the chunk's rows from `at` on, and lists those that break the dataset's rules in the reports bucket.
 * @returns the chunk with `at` behind the last row that was checked: behind the chunk, unless the time ran out.
 */
export async function validateChunk(
  s3: S3Client,
  event: ValidateEvent,
  dataset: Dataset,
  { reportsBucket, hasTime }: ValidateSettings,
): Promise<ValidatedChunk> {
  const { execution, format } = event;
  const chunk = begunValidation(event.chunk);
  const { start, end } = chunk;
  const rejects = new RejectWriter(
    s3,
    { bucket: reportsBucket, execution, chunkStart: start },
    chunk.rejectParts,
  );
  const keys = new KeyWriter(
    s3,
    { bucket: reportsBucket, execution, encoding: format.encoding, chunkStart: start },
    { runs: chunk.keyRuns, repeated: chunk.repeated },
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
      if (!batch.isAscii) text = textWith(text, record);
      const checked = check(record, format, dataset);
      if ('item' in checked) {
        const written = keys.add(keyOf(checked.item), read - 1);
        if (written !== undefined) await written;
        continue;
      }
      rejected += 1;
      await rejects.add({
        ...checked.rejection,
        ...faultyValue(record, checked.rejection, format, dataset),
        line: chunk.lines + record.line,
        raw: record.raw.toString('base64'),
        ...(isQuoteFault(record) && { isBroken: true }),
      });
    }
    ({ at, lines: linesRead } = batch);
    progress(read, (at ?? end) - start);
    if (at !== undefined && at < end && !hasTime()) break;
  }
  const { runs, repeated } = await keys.close(start === format.headerEnd && at === format.size);
  return {
    start,
    end,
    // A line that is too long has no end where the chunk has: one byte behind says that they disagree.
    at: at ?? end + 1,
    lines: chunk.lines + linesRead,
    read,
    rejected,
    rejectParts: await rejects.close(),
    keyRuns: runs,
    repeated,
    text,
  };
}

/** What stands in some records and one more. */
export function textWith(text: TextKind, { raw, fault }: CsvRecord): TextKind {
  // A line that is too long is cut off, maybe within a character.
  if (isAscii(raw) || fault === 'record_too_long') return text;
  // Another fault, such as a stray quote, says nothing of the encoding.
  const kind = fault === undefined || isUtf8(raw) ? 'valid' : 'invalid';
  return text === 'ascii' || text === kind ? kind : 'mixed';
}

/** The cell that a rejection is about, as its reason quotes it, if it is about one that is not empty. */
export function faultyValue(
  { fields }: CsvRecord,
  { column }: Rejection,
  { columns }: Pick<Format, 'columns'>,
  dataset: Dataset,
): Pick<Reject, 'value'> {
  const index = dataset.columns.findIndex(({ name }) => name === column);
  const cell = fields?.[columns[index] ?? -1]?.trim();
  return cell ? { value: quotedValue(cell) } : {};
}

/** Whether a record's fields are not known because of its quotes, or because it is cut. */
function isQuoteFault({ fault }: CsvRecord): boolean {
  return fault === 'stray_quote' || fault === 'unclosed_quote' || fault === 'record_too_long';
}
