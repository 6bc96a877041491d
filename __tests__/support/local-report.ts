/** The report that the pipeline would write about a file, made without a pipeline. */

import { createHash } from 'node:crypto';
import { check } from '../../functions/core/csv/check.ts';
import { detectFormat } from '../../functions/core/csv/detect.ts';
import { paddedHeader } from '../../functions/core/csv/header/row-width.ts';
import { readRecords } from '../../functions/core/csv/records.ts';
import { reportHeader, reportRow } from '../../functions/core/csv/report-rows.ts';
import { readText } from '../../functions/core/csv/text.ts';
import type { Dataset } from '../../functions/core/dataset/dataset.ts';
import type { Encoding } from '../../functions/core/messages.ts';
import { isQuoteFault } from '../../functions/core/steps/validate.ts';

/**
 * The header and the rows of a report, each with its line break.
 * @param encoding in which judging found the file to be, if it is not the one of its header.
 */
export async function reportOn(
  bytes: Buffer,
  dataset: Dataset,
  { encoding, isLoaded = false }: { readonly encoding?: Encoding; readonly isLoaded?: boolean } = {},
): Promise<{ readonly header: string; readonly rows: readonly string[] }> {
  const file = {
    read: async function* (start: number, end: number) {
      yield bytes.subarray(start, end);
    },
    size: bytes.length,
    name: 'file.csv',
  };
  const detected = await detectFormat(file, dataset);
  const format = { ...detected.format, encoding: encoding ?? detected.format.encoding };
  const reportFormat = {
    ...format,
    header: paddedHeader(detected.header.fields, format.width),
    isOwnDelimiter: true,
    etag: createHash('md5').update(bytes).digest('hex'),
    size: bytes.length,
    isLoaded,
  };
  const pieces: Buffer[] = [];
  for await (const piece of readText(file, format)) pieces.push(piece);
  const text = Buffer.concat(pieces);
  const part = { start: format.headerEnd, end: text.length, size: text.length };
  const read = async function* (start: number, end: number) {
    yield text.subarray(start, end);
  };
  const rows: string[] = [];
  for await (const { records } of readRecords(read, part, format)) {
    for (const record of records) {
      const checked = check(record, format, dataset);
      if ('item' in checked) continue;
      const line = format.headerLines + record.line + 1;
      const reject = { ...checked.rejection, line, raw: record.raw.toString('base64') };
      const row = reportRow({ ...reject, ...(isQuoteFault(record) && { isBroken: true }) }, reportFormat);
      rows.push(row.toString());
    }
  }
  return { header: reportHeader(reportFormat).toString(), rows };
}
