/** Validates every row of a chunk. */

import { isAscii, isUtf8 } from 'node:buffer';
import type { S3Client } from '@aws-sdk/client-s3';
import { check } from '../csv/check.ts';
import { readChunk } from '../csv/chunks.ts';
import type { CsvRecord } from '../csv/records.ts';
import type { Reject } from '../csv/report-rows.ts';
import { quotedValue } from '../csv/report-rows.ts';
import type { Dataset, Rejection } from '../dataset/dataset.ts';
import { isFooter } from '../dataset/file-format/footer.ts';
import { isBlank } from '../dataset/row-kinds.ts';
import type { Chunk, Format, TextKind, ValidatedChunk, ValidateEvent } from '../messages.ts';
import { progressLog } from '../runtime/log.ts';
import type { StepSettings } from '../runtime/time.ts';
import { itemHash } from '../table/identity.ts';
import { KeyWriter, keyPlace } from '../working/keys.ts';
import { RejectWriter } from '../working/rejects.ts';

/** A chunk with the counts of its validation, which are zero until an invocation has worked on it. */
export function withValidationCounts(chunk: Chunk & Partial<ValidatedChunk>): ValidatedChunk {
  const counts = { read: 0, blank: 0, rejected: 0, lines: 0, rejectParts: 0, keyRuns: 0, repeated: 0 };
  return { ...counts, at: chunk.start, text: 'ascii', ...chunk };
}

/**
 * Validates the chunk's rows, starting at `at`, and lists those that break the dataset's rules in the reports bucket.
 * @returns the chunk with its counts; `at` follows the last validated row, which is the chunk's last unless the time
 * ran out.
 */
export async function validateChunk(
  s3: S3Client,
  event: ValidateEvent,
  dataset: Dataset,
  { reportsBucket, hasTime }: StepSettings,
): Promise<ValidatedChunk> {
  const { execution, format, feed } = event;
  const chunk = withValidationCounts(event.chunk);
  const { start, end } = chunk;
  const rejects = new RejectWriter(
    s3,
    { bucket: reportsBucket, execution, chunkStart: start },
    chunk.rejectParts,
  );
  const keys = new KeyWriter(
    s3,
    { ...keyPlace(event, reportsBucket), chunkStart: start },
    { key: dataset.key, unique: dataset.unique, hashOf: feed === null ? undefined : itemHash },
    { runs: chunk.keyRuns, repeated: chunk.repeated },
  );
  const progress = progressLog('validate', start);
  let { read, blank, footer, rejected, text } = chunk;
  let linesRead = 0;
  let { at } = chunk;
  for await (const batch of readChunk(s3, event, reportsBucket, chunk.at)) {
    for (const record of batch.records) {
      if (!batch.isAscii) text = textWith(text, record);
      if (isBlank(record.fields)) {
        blank += 1;
        continue;
      }
      if (footer !== undefined || isFooter(record.fields, dataset.footer)) {
        footer = { start: footer?.start ?? record.start, rows: (footer?.rows ?? 0) + 1 };
        continue;
      }
      read += 1;
      const checked = check(record, format, dataset);
      if ('item' in checked) {
        const written = keys.add(checked.item, read - 1);
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
    progress(read, at - start);
    if (at < end && !hasTime()) break;
  }
  const { runs, repeated } = await keys.close(start === format.headerEnd && at === format.size);
  return {
    start,
    end,
    at,
    lines: chunk.lines + linesRead,
    read,
    blank,
    ...(footer !== undefined && { footer }),
    rejected,
    rejectParts: await rejects.close(),
    keyRuns: runs,
    repeated,
    text,
  };
}

/** The kind of text of some records after adding another one. */
export function textWith(text: TextKind, { raw, fault }: CsvRecord): TextKind {
  // A line that is too long is cut off, possibly within a character.
  if (isAscii(raw) || fault === 'record_too_long') return text;
  // Other faults, such as a stray quote, say nothing about the encoding.
  const kind = fault === undefined || isUtf8(raw) ? 'valid' : 'invalid';
  return text === 'ascii' || text === kind ? kind : 'mixed';
}

/** The rejected cell as the reason quotes it; nothing for an empty cell, or when the whole row is rejected. */
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

/** Whether a record's fields are unknown because of its quotes, or because the record is cut off. */
export function isQuoteFault({ fault }: CsvRecord): boolean {
  return fault === 'stray_quote' || fault === 'unclosed_quote' || fault === 'record_too_long';
}
