/** Fetches the report of rejected rows from the reports bucket. */

import { createWriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { OWNER_ONLY, ownerOnlyFolder } from './owner-only.ts';
import type { RejectedRecord } from './record/run-record.ts';

/** Rejected rows that are shown; the report has all of them. */
export const MAX_SHOWN_ROWS = 20;

/** The S3 that has the report; the embedded one escapes keys in its listings. */
export interface ReportStore {
  readonly s3: S3Client;
  readonly embeddedS3: boolean;
}

export type RejectedRow = Omit<RejectedRecord, 'row'>;

/** The embedded S3 escapes these characters twice in the keys of a listing. */
const ESCAPED: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&#x27;': "'",
  '&#x60;': '`',
};

/** Characters of the source's key in the prefix of a listing; the keys of reports shorten longer ones. */
const MAX_PREFIX_CHARACTERS = 100;

/**
 * Finds the keys of an execution's report by the execution's name, because a failed execution has no output.
 * @param key the key of the file that the report is about
 */
export async function findReport(
  { s3, embeddedS3 }: ReportStore,
  bucket: string,
  key: string,
  execution: string,
): Promise<string[]> {
  const found: string[] = [];
  const Prefix = `reports/${[...key].slice(0, MAX_PREFIX_CHARACTERS).join('')}`;
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

/**
 * Streams an object into a file, and creates the file's folder. Only their owner can read them.
 * @throws Error if S3 returns no body.
 */
export async function download(s3: S3Client, bucket: string, key: string, file: string): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (!(Body instanceof Readable)) throw new Error(`S3 returned no body for s3://${bucket}/${key}.`);
  await ownerOnlyFolder(dirname(file));
  await pipeline(Body, createWriteStream(file, OWNER_ONLY));
}
