/** The report of rejected rows: a CSV file that can be mended and uploaded again. */

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { classified } from './aws.ts';
import type { Source } from './messages.ts';
import { parseFields } from './records.ts';
import type { Reject } from './rejects.ts';

/** Columns that the report adds to those of the file. */
const REPORT_COLUMNS = ['_line', '_column', '_code', '_reason'];

/** Bytes of a source's key that are kept in the report's, which may have 1,024 like any. */
const MAX_KEY_BYTES = 700;

/** Key of an execution's report in the reports bucket: under the source's key and the execution's name. */
export function reportKey(source: Source, execution: string): string {
  const bytes = Buffer.from(source.key);
  const folder =
    bytes.length <= MAX_KEY_BYTES
      ? source.key
      : // Cut between characters: a partial one at the end decodes to U+FFFD, which is dropped.
        `${bytes.toString('utf8', 0, MAX_KEY_BYTES).replace(/\uFFFD+$/, '')}~${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  return `reports/${folder}/${execution}/rejected.csv`;
}

/**
 * Streams the report into the bucket, in parts of 5 MiB, one at a time.
 * @param rejects with lines counted from the file's first, which is 1.
 */
export async function writeReport(
  s3: S3Client,
  bucket: string,
  key: string,
  header: readonly string[],
  delimiter: string,
  rejects: AsyncIterable<Reject>,
): Promise<void> {
  const upload = new Upload({
    client: s3,
    queueSize: 1,
    params: {
      Bucket: bucket,
      Key: key,
      Body: Readable.from(reportLines(header, delimiter, rejects), { objectMode: false }),
      ContentType: 'text/csv; charset=utf-8',
    },
  });
  await upload.done().catch((error: unknown) => {
    throw classified(error, `Writing s3://${bucket}/${key}`);
  });
}

async function* reportLines(
  header: readonly string[],
  delimiter: string,
  rejects: AsyncIterable<Reject>,
): AsyncGenerator<Buffer, void> {
  // A report that was mended, but not quite, has these columns already: new ones take their place.
  const isReport = REPORT_COLUMNS.every((name, index) => header.at(index - REPORT_COLUMNS.length) === name);
  const dropped = isReport ? REPORT_COLUMNS.length : 0;
  const width = header.length - dropped;
  yield Buffer.from(
    `${[...header.slice(0, width), ...REPORT_COLUMNS].map((name) => quote(name, delimiter)).join(delimiter)}\n`,
  );
  for await (const reject of rejects) {
    const added = [String(reject.line), reject.column ?? '', reject.code, reject.reason];
    const tail = added.map((field) => delimiter + quote(field, delimiter)).join('');
    const row = align(Buffer.from(reject.raw, 'base64'), reject, { width, dropped, delimiter });
    yield Buffer.concat([row, Buffer.from(`${tail}\n`)]);
  }
}

/**
 * The row as it stands, if it has as many fields as the header. If not, its fields are padded, or the surplus kept
 * together in the last one, so that the columns behind it stay in their place; a row whose quoting is broken is
 * taken apart at its delimiters, quotes and all.
 * @param dropped fields at the row's end that are left out.
 */
function align(
  raw: Buffer,
  { code }: Reject,
  {
    width,
    dropped,
    delimiter,
  }: { readonly width: number; readonly dropped: number; readonly delimiter: string },
): Buffer {
  const isBroken = code === 'stray_quote' || code === 'unclosed_quote' || code === 'record_too_long';
  const isRagged = code === 'too_few_fields' || code === 'too_many_fields';
  if (!isBroken && !isRagged && dropped === 0) return raw;
  const all = isBroken ? raw.toString().split(delimiter) : (parseFields(raw, delimiter)[0] ?? []);
  const fields = all.slice(0, all.length - dropped);
  const kept = Array.from({ length: width }, (_, index) =>
    index === width - 1 ? fields.slice(index).join(delimiter) : (fields[index] ?? ''),
  );
  return Buffer.from(kept.map((field) => quote(field, delimiter)).join(delimiter));
}

/** A field as CSV: quoted where it has to be. */
function quote(field: string, delimiter: string): string {
  return field.includes(delimiter) || /["\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
