/** `report.json`: what an execution found and did, as counts. No cell of the file is in it. */

import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import type { Dataset, Tolerance } from '../dataset/dataset.ts';
import { rejectCode } from '../dataset/reject-codes.ts';
import type { Format, ListName, Source, Verdict } from '../messages.ts';
import { getOwn, putOwn } from '../storage/own-objects.ts';

const rejectCount = z.object({ code: rejectCode, column: z.nullable(z.string()), rows: z.number() });

/** Rows that were rejected for one reason in one column; null is the whole row. */
export type RejectCount = Readonly<z.output<typeof rejectCount>>;

/** Schema of counts that an invocation leaves to the next one. */
export const rejectCounts = z.array(rejectCount);

/** Schema of the part of a summary that is kept when it is completed. */
export const countedRejects = z.object({ rejects: rejectCounts });

export interface Summary {
  readonly execution: string;
  readonly source: Source;
  readonly dataset: string;
  readonly detected: Pick<Format, 'compression' | 'encoding' | 'delimiter'> & {
    readonly header_lines: number;
    /** For each column of the dataset, which one of the file it is, the first being 1; null for none. */
    readonly columns: Readonly<Record<string, number | null>>;
    readonly ignored_columns: readonly string[];
  };
  readonly read: number;
  readonly rejected: number;
  /** Rows that were left out, because a later one has the same key. */
  readonly duplicates: number;
  /** Null while it is not loaded, and if nothing is. */
  readonly loaded: number | null;
  readonly tolerance: Tolerance;
  readonly accepted: boolean;
  /** The most frequent first. */
  readonly rejects: readonly RejectCount[];
  /** Files beside this one that list the rejected rows and the duplicates. */
  readonly files: readonly string[];
  /** In ISO 8601; `milliseconds` from the first to the last. */
  readonly timings: {
    readonly started: string;
    readonly judged: string;
    readonly finished: string;
    readonly milliseconds: number;
  };
}

/** Bytes of a source's key that are kept in the report's, which may have 1,024 like any. */
const MAX_KEY_BYTES = 700;

/** Where the report of an execution is in the reports bucket: under the source's key and the execution's name. */
export function reportFolder(source: Pick<Source, 'key'>, execution: string): string {
  const bytes = Buffer.from(source.key);
  const folder =
    bytes.length <= MAX_KEY_BYTES
      ? source.key
      : // Cut between characters: a partial one at the end decodes to U+FFFD, which is dropped.
        `${bytes.toString('utf8', 0, MAX_KEY_BYTES).replace(/\uFFFD+$/, '')}~${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  return `reports/${folder}/${execution}`;
}

/** Name of the n-th file of a list, the first being 1. */
export function fileName(list: ListName, file: number): string {
  return file === 1 ? `${list}.csv` : `${list}-${file}.csv`;
}

/** Key of the summary of an execution. */
export function summaryKey(source: Pick<Source, 'key'>, execution: string): string {
  return `${reportFolder(source, execution)}/report.json`;
}

const LISTS: readonly ListName[] = ['rejected', 'duplicates'];

/** What a summary is made of. */
export interface Findings {
  readonly execution: string;
  readonly started: string;
  readonly source: Source;
  readonly format: Format;
  readonly verdict: Verdict;
}

/**
 * Puts a summary together.
 * @param loaded rows, once they are.
 */
export function summarise(
  { execution, started, source, format, verdict }: Findings,
  dataset: Dataset,
  rejects: readonly RejectCount[],
  loaded: number | null,
): Summary {
  const finished = new Date();
  return {
    execution,
    source,
    dataset: dataset.name,
    detected: detectedOf(format, dataset),
    read: verdict.read,
    rejected: verdict.rejected,
    duplicates: verdict.duplicates,
    loaded,
    tolerance: dataset.tolerance,
    accepted: verdict.accepted,
    rejects,
    files: LISTS.flatMap((list) =>
      Array.from({ length: verdict.report.files[list] }, (_, index) => fileName(list, index + 1)),
    ),
    timings: {
      started,
      judged: verdict.judged,
      finished: finished.toISOString(),
      milliseconds: finished.getTime() - Date.parse(started),
    },
  };
}

/** What was found out about how a file is written. */
export function detectedOf(format: Format, dataset: Dataset): Summary['detected'] {
  const positions = dataset.columns.map(({ name }, index) => {
    const position = format.columns[index] ?? -1;
    return [name, position === -1 ? null : position + 1] as const;
  });
  return {
    compression: format.compression,
    encoding: format.encoding,
    delimiter: format.delimiter,
    header_lines: format.headerLines,
    columns: Object.fromEntries(positions),
    ignored_columns: format.ignored,
  };
}

/** Writes a value as JSON into a bucket. */
export function putJson(s3: S3Client, bucket: string, key: string, value: unknown): Promise<void> {
  return putOwn(s3, { bucket, key }, `${JSON.stringify(value, null, 2)}\n`, 'application/json');
}

/**
 * Reads what {@link putJson} wrote.
 * @throws ZodError when the schema does not accept it.
 */
export async function getJson<Value>(
  s3: S3Client,
  bucket: string,
  key: string,
  schema: z.ZodMiniType<Value>,
): Promise<Value> {
  return schema.parse(JSON.parse((await getOwn(s3, { bucket, key })).toString()));
}
