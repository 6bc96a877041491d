/** The report of rejected rows, fetched from the reports bucket. */

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse';
import { z } from 'zod';
import type { Endpoints } from './endpoints.ts';

/** Rejected rows that are shown; the report has them all. */
export const SHOWN = 20;

export interface RejectedRow {
  /** Physical line in the file, the first being 1. */
  readonly line: number;
  /** Empty where the whole row is meant. */
  readonly column: string;
  readonly code: string;
  readonly reason: string;
}

/** The embedded S3 escapes these characters in the keys of a listing once more than XML asks for. */
const ESCAPED: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&#x27;': "'",
  '&#x60;': '`',
};

/** Characters of a source's key by which its reports are looked for; a longer one is shortened in theirs. */
const MAX_PREFIX = 100;

/**
 * Keys of an execution's report. They are looked for by the execution's name, because an execution that failed has no
 * output which would tell them.
 * @param key of the file that the report is about.
 */
export async function findReport(
  { s3, embeddedS3 }: Endpoints,
  bucket: string,
  key: string,
  execution: string,
): Promise<string[]> {
  const found: string[] = [];
  const Prefix = `reports/${[...key].slice(0, MAX_PREFIX).join('')}`;
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix })) {
    for (const { Key } of page.Contents ?? []) {
      if (Key === undefined || Key.split('/').at(-2) !== execution) continue;
      found.push(
        embeddedS3
          ? Key.replaceAll(/&(?:amp|lt|gt|#x27|#x60);/g, (entity) => ESCAPED[entity] ?? entity)
          : Key,
      );
    }
  }
  return found;
}

/** Streams an object into a file, whose folder is made. */
export async function download(s3: S3Client, bucket: string, key: string, file: string): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (!(Body instanceof Readable)) throw new Error(`s3://${bucket}/${key} came without a body.`);
  await mkdir(dirname(file), { recursive: true });
  await pipeline(Body, createWriteStream(file));
}

/**
 * The first rows of a report.
 * @throws Error when the file does not end each row with the report's own columns.
 */
export async function firstRejected(file: string): Promise<RejectedRow[]> {
  const delimiter = await reportDelimiter(file);
  const rows: RejectedRow[] = [];
  // The columns of the user's file come first, and are not known here.
  const records = createReadStream(file).pipe(
    parse({ delimiter, from: 2, to: SHOWN + 1, relax_column_count: true }),
  );
  for await (const record of records) {
    const [line = '', column = '', code = '', reason = ''] = z.array(z.string()).parse(record).slice(-4);
    rows.push({ line: Number(line), column, code, reason });
  }
  return rows;
}

/** A report is delimited like the file that it is about. */
async function reportDelimiter(file: string): Promise<string> {
  let text = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    text += chunk;
    const [, delimiter] = /(.)_line\1_column\1_code\1_reason\r?\n/.exec(text) ?? [];
    if (delimiter !== undefined) return delimiter;
  }
  throw new Error(`${file} is not a report of rejected rows: it has no column _line.`);
}
