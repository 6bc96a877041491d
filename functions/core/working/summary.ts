/** `report.json`: what an execution found and did, as counts. It contains no cell of the file. */

import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import type { Dataset, Tolerance } from '../dataset/dataset.ts';
import { KEY_OUTCOMES, type KeyCounts, sumOfWrites, type WriteCounts } from '../dataset/load.ts';
import { rejectCode } from '../dataset/reject-codes.ts';
import type { Format, ListName, ReconcileEvent, ReportEvent, Source } from '../messages.ts';
import { readObject, writeObject } from '../storage/own-objects.ts';

const rejectCount = z.object({ code: rejectCode, column: z.nullable(z.string()), rows: z.number() });

/** Number of rows that were rejected with one code in one column; null stands for the whole row. */
export type RejectCount = Readonly<z.output<typeof rejectCount>>;

/** Schema of the counts that one invocation leaves for the next. */
export const rejectCounts = z.array(rejectCount);

/** Schema of the part of a summary that stays when the summary is completed. */
export const countedRejects = z.object({ rejects: rejectCounts });

export interface Summary extends Omit<WriteCounts, 'loaded'>, KeyCounts {
  readonly execution: string;
  readonly source: Source;
  readonly dataset: string;
  readonly detected: Pick<Format, 'compression' | 'encoding' | 'delimiter'> & {
    readonly header_lines: number;
    /** For each column of the dataset, its position in the file, from 1; null if the file does not have it. */
    readonly columns: Readonly<Record<string, number | null>>;
    readonly ignored_columns: readonly string[];
  };
  /** As in the execution's output. */
  readonly warnings: readonly string[];
  readonly read: number;
  readonly rejected: number;
  /** Rows that were not loaded because a later row has the same key. */
  readonly duplicates: number;
  /** Rows in which every cell is blank; not part of `read`. */
  readonly blank: number;
  /** Rows of the footer; not part of `read`. */
  readonly footer: number;
  /** Null until the file is loaded, and if it is refused. */
  readonly loaded: number | null;
  readonly tolerance: Tolerance;
  readonly accepted: boolean;
  /** The most frequent first. */
  readonly rejects: readonly RejectCount[];
  /** Names of the files in the same folder that list the rejected rows, the duplicates and the changes. */
  readonly files: readonly string[];
  /** Times in ISO 8601; `milliseconds` is the time from `started` to `finished`. */
  readonly timings: {
    readonly started: string;
    readonly judged: string;
    readonly finished: string;
    readonly milliseconds: number;
  };
}

/** Bytes of a source's key that are kept in the report's key, which may have 1,024 bytes like any key in S3. */
const MAX_KEY_BYTES = 700;

/** Folder of an execution's report in the reports bucket: the source's key and the execution's name. */
export function reportFolder(source: Pick<Source, 'key'>, execution: string): string {
  const bytes = Buffer.from(source.key);
  const folder =
    bytes.length <= MAX_KEY_BYTES
      ? source.key
      : // Cut between characters: a partial one at the end decodes to U+FFFD, which is dropped.
        `${bytes.toString('utf8', 0, MAX_KEY_BYTES).replace(/\uFFFD+$/, '')}~${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  return `reports/${folder}/${execution}`;
}

/** Name of a list's file with this number, from 1. */
export function fileName(list: ListName | 'changes', file: number): string {
  return file === 1 ? `${list}.csv` : `${list}-${file}.csv`;
}

function fileNames(list: ListName | 'changes', files: number): string[] {
  return Array.from({ length: files }, (_, index) => fileName(list, index + 1));
}

/** Key of an execution's summary. */
export function summaryKey(source: Pick<Source, 'key'>, execution: string): string {
  return `${reportFolder(source, execution)}/report.json`;
}

const LISTS: readonly ListName[] = ['rejected', 'duplicates'];

/**
 * Builds a summary.
 * @param written the counts of the writes, and of the keys; null until the rows are written.
 */
export function summarise(
  {
    execution,
    started,
    source,
    format,
    verdict,
    changes,
  }: Omit<ReportEvent, 'chunks' | 'feed'> & Partial<Pick<ReconcileEvent, 'changes'>>,
  dataset: Dataset,
  rejects: readonly RejectCount[],
  written: (WriteCounts & KeyCounts) | null,
): Summary {
  const finished = new Date();
  return {
    execution,
    source,
    dataset: dataset.name,
    detected: detectedOf(format, dataset),
    warnings: format.warnings,
    read: verdict.read,
    rejected: verdict.rejected,
    duplicates: verdict.duplicates,
    blank: verdict.blank,
    footer: verdict.footer,
    ...(written === null ? { loaded: null } : { ...sumOfWrites([written]), ...keysOf(written) }),
    tolerance: dataset.tolerance,
    accepted: verdict.accepted,
    rejects,
    files: [
      ...LISTS.flatMap((list) => fileNames(list, verdict.report.files[list])),
      ...fileNames('changes', changes?.files ?? 0),
    ],
    timings: {
      started,
      judged: verdict.judged,
      finished: finished.toISOString(),
      milliseconds: finished.getTime() - Date.parse(started),
    },
  };
}

function keysOf(counts: KeyCounts): KeyCounts {
  const declared = KEY_OUTCOMES.filter((outcome) => counts[outcome] !== undefined);
  return Object.fromEntries(declared.map((outcome) => [outcome, counts[outcome]]));
}

/** The detected format of a file. */
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

/**
 * Writes a value to a bucket as JSON.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export function putJson(s3: S3Client, bucket: string, key: string, value: unknown): Promise<void> {
  return writeObject(s3, { bucket, key }, `${JSON.stringify(value, null, 2)}\n`, 'application/json');
}

/**
 * Reads what {@link putJson} wrote.
 * @throws ServiceUnavailableError when S3 does not answer.
 * @throws ZodError when the schema does not accept it.
 */
export async function getJson<Value>(
  s3: S3Client,
  bucket: string,
  key: string,
  schema: z.ZodMiniType<Value>,
): Promise<Value> {
  return schema.parse(JSON.parse((await readObject(s3, { bucket, key })).toString()));
}
