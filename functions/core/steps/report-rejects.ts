/**
 * Lists the rejected rows in the reports bucket, under the upload's key and the execution's name, in files that can be
 * corrected: if the other rows are loaded, for another upload; if nothing is, to be merged into the file.
 */

import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { paddedHeader } from '../csv/header/row-width.ts';
import { readHeader } from '../csv/header.ts';
import type { Reject } from '../csv/report-rows.ts';
import { type ReportFormat, reportHeader, reportRow } from '../csv/report-rows.ts';
import { objectFile, readText } from '../csv/text.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { whatIsAllowed } from '../dataset/tolerance.ts';
import { ValidationError } from '../errors.ts';
import type {
  Format,
  RejectSummary,
  ReportEvent,
  ReportProgress,
  ValidatedChunk,
  Verdict,
} from '../messages.ts';
import type { StepSettings } from '../runtime/time.ts';
import { classified } from '../storage/aws.ts';
import { type DuplicateRows, duplicateRows } from '../working/duplicate-rows.ts';
import { isRejecting } from '../working/earlier-duplicates.ts';
import { readRejects } from '../working/rejects.ts';
import {
  fileName,
  getJson,
  putJson,
  type RejectCount,
  rejectCounts,
  reportFolder,
  summarise,
  summaryKey,
} from '../working/summary.ts';

/** Maximum rows per file; an Excel worksheet holds 1,048,576. */
export const MAX_FILE_ROWS = 900_000;

/** Number of rejected rows that the state carries. */
const FIRST_ROWS = 5;

export interface ReportSettings extends StepSettings {
  readonly maxFileRows: number;
  /** Called with the number of rejected rows once all of them are listed, whether they are tolerated or not. */
  readonly onListed?: (rejected: number) => void;
}

/**
 * Continues the report: lists the rejected rows and then the duplicates, until all are listed or the time runs out. It
 * holds the rows of one object that validation wrote, and a part of the file.
 * @throws ValidationError when all rows are listed, and more are rejected than the dataset tolerates.
 */
export async function reportRejects(
  s3: S3Client,
  event: ReportEvent,
  dataset: Dataset,
  settings: ReportSettings,
): Promise<ReportProgress> {
  const { execution, source, format, verdict } = event;
  const { reportsBucket, hasTime } = settings;
  const folder = reportFolder(source, execution);
  const file = objectFile(s3, source);
  const header = await readHeader(
    readText(file, format),
    { dataset, delimiters: [format.delimiter], encodings: [format.encoding] },
    file.name,
  );
  const reportFormat = {
    ...format,
    // The size of the object, not of its text.
    etag: source.etag,
    size: source.size,
    isLoaded: verdict.accepted,
    header: paddedHeader(header.fields, format.width),
    isOwnDelimiter: dataset.delimiters.includes(format.delimiter),
  };
  // A byte order mark tells spreadsheets, and the execution that loads the corrected file, that the list is UTF-8.
  const hasBom = header.hasBom || format.encoding !== 'utf-8';

  let progress = nextList(verdict.report, verdict, format);
  const counts = await RejectCounts.resume(s3, reportsBucket, execution, progress);
  while (!progress.done) {
    const listing = new ListFile(s3, event, dataset, settings, progress, counts);
    const Key = `${folder}/${fileName(progress.list, progress.files[progress.list] + 1)}`;
    const upload = new Upload({
      client: s3,
      queueSize: 1,
      params: {
        Bucket: reportsBucket,
        Key,
        Body: Readable.from(listing.lines(reportFormat, hasBom), { objectMode: false }),
        ContentType: 'text/csv; charset=utf-8',
      },
    });
    await upload.done().catch((error: unknown) => {
      throw classified(error, `Writing s3://${reportsBucket}/${Key}`);
    });
    progress = nextList(listing.progress, verdict, format);
    if (!hasTime()) break;
  }

  if (!progress.done) {
    await counts.save(s3, reportsBucket, execution, progress);
    return progress;
  }
  const summary = summarise(
    { ...event, verdict: { ...verdict, report: progress } },
    dataset,
    counts.list(),
    null,
  );
  await putJson(s3, reportsBucket, summaryKey(source, execution), summary);
  settings.onListed?.(verdict.rejected);
  if (verdict.accepted) return progress;
  const [first] = progress.first;
  const where = first && `The first is line ${first.line}, ${first.column ?? 'the row'} ${first.reason}. `;
  const others = progress.files.rejected - 1;
  const more = others > 0 ? ` and ${others} more next to it` : '';
  throw new ValidationError(
    `${verdict.rejected} of ${verdict.read} rows of ${file.name} were rejected and ${whatIsAllowed(dataset.tolerance)}, so nothing was loaded. ${where ?? ''}Correct them in the file itself and upload it again; or correct them in s3://${reportsBucket}/${folder}/${fileName('rejected', 1)}${more}, put them back with "npx csv-pipeline merge FILE rejected.csv --out fixed.csv", and upload fixed.csv.`,
  );
}

/** Moves on to the next list once a list has all its rows; after the last list, the report is done. */
function nextList(
  progress: ReportProgress,
  verdict: Verdict,
  format: Pick<Format, 'headerLines'>,
): ReportProgress {
  if (progress.list === 'duplicates') {
    return { ...progress, done: progress.listed === verdict.duplicates };
  }
  if (progress.listed < verdict.rejected) return progress;
  // Lines are counted from the header again, not from where the previous list ended.
  const lines = format.headerLines;
  return nextList({ ...progress, list: 'duplicates', listed: 0, chunk: 0, part: 0, lines }, verdict, format);
}

/** One file of a list, as it is being written. */
class ListFile {
  progress: ReportProgress;
  readonly #s3: S3Client;
  readonly #event: ReportEvent;
  readonly #dataset: Dataset;
  readonly #settings: ReportSettings;
  readonly #counts: RejectCounts;

  constructor(
    s3: S3Client,
    event: ReportEvent,
    dataset: Dataset,
    settings: ReportSettings,
    progress: ReportProgress,
    counts: RejectCounts,
  ) {
    this.#s3 = s3;
    this.#event = event;
    this.#dataset = dataset;
    this.#settings = settings;
    this.#counts = counts;
    const { list, files } = progress;
    this.progress = { ...progress, files: { ...files, [list]: files[list] + 1 } };
  }

  /** The file's lines, until it has enough rows or the time runs out. */
  async *lines(format: ReportFormat, hasBom: boolean): AsyncGenerator<Buffer, void> {
    const { chunks } = this.#event;
    const { maxFileRows, hasTime } = this.#settings;
    const { listed } = this.progress;
    if (hasBom) yield Buffer.from('\uFEFF');
    yield reportHeader(format);
    for (;;) {
      const { chunk: index, part, lines } = this.progress;
      if (this.progress.listed === this.#expected()) return;
      const chunk = chunks[index];
      if (chunk === undefined) {
        throw new Error(
          `The list has ${this.progress.listed} rows, but validation counted ${this.#expected()}.`,
        );
      }
      if (part === this.#parts(chunk)) {
        this.progress = { ...this.progress, chunk: index + 1, part: 0, lines: lines + chunk.lines };
        continue;
      }
      const mayEnd = (): boolean => this.progress.listed - listed >= maxFileRows || !hasTime();
      for await (const { rejects, within } of this.#rows(chunk, part)) {
        for (const reject of rejects) {
          const placed = { ...reject, line: lines + reject.line + 1 };
          this.#count(placed);
          yield reportRow(placed, format);
        }
        this.progress = { ...this.progress, within };
        if (within !== null && mayEnd()) return;
      }
      this.progress = { ...this.progress, part: part + 1, within: null };
      if (mayEnd()) return;
    }
  }

  /** Number of rows in the finished list. */
  #expected(): number {
    const { verdict } = this.#event;
    return this.progress.list === 'rejected' ? verdict.rejected : verdict.duplicates;
  }

  /** Number of parts of a chunk's rows: the objects that validation wrote, then one for the earlier duplicates. */
  #parts({ rejectParts }: ValidatedChunk): number {
    return this.progress.list === 'duplicates' ? 1 : rejectParts + 1;
  }

  /** The rows of a part, with line numbers relative to the chunk's start. */
  async *#rows(chunk: ValidatedChunk, part: number): AsyncGenerator<DuplicateRows, void> {
    const { execution, source, format, feed, verdict } = this.#event;
    const { reportsBucket } = this.#settings;
    const isRejected = this.progress.list === 'rejected';
    if (isRejected && part < chunk.rejectParts) {
      const place = { bucket: reportsBucket, execution, chunkStart: chunk.start };
      yield { rejects: await readRejects(this.#s3, place, part), within: null };
    } else {
      const repeated = verdict.repeated.map((rows, comparison) =>
        isRejecting(comparison, this.#dataset) === isRejected ? rows : 0,
      );
      const job = { execution, source, format, feed, chunk };
      yield* duplicateRows(this.#s3, job, this.#dataset, reportsBucket, repeated, this.progress.within);
    }
  }

  #count(reject: Reject): void {
    const { list, listed, first } = this.progress;
    const isFirst = list === 'rejected' && first.length < FIRST_ROWS;
    if (list === 'rejected') this.#counts.add(reject);
    this.progress = {
      ...this.progress,
      listed: listed + 1,
      ...(isFirst && { first: [...first, summaryOf(reject)] }),
    };
  }
}

function summaryOf({ line, column, code, reason }: Reject): RejectSummary {
  return { line, column, code, reason };
}

/** Counts rejected rows by code and column, whose combinations bound its size. */
export class RejectCounts {
  readonly #counts: Map<string, RejectCount>;

  constructor(counts: readonly RejectCount[] = []) {
    this.#counts = new Map(counts.map((count) => [RejectCounts.#key(count), count]));
  }

  /** The counts that an earlier invocation saved at this point; without those of an invocation that crashed later. */
  static async resume(
    s3: S3Client,
    bucket: string,
    execution: string,
    progress: ReportProgress,
  ): Promise<RejectCounts> {
    if (progress.files.rejected === 0) return new RejectCounts();
    return new RejectCounts(
      await getJson(s3, bucket, RejectCounts.#objectKey(execution, progress), rejectCounts),
    );
  }

  save(s3: S3Client, bucket: string, execution: string, progress: ReportProgress): Promise<void> {
    return putJson(s3, bucket, RejectCounts.#objectKey(execution, progress), this.list());
  }

  add({ code, column }: Pick<RejectCount, 'code' | 'column'>): void {
    const key = RejectCounts.#key({ code, column });
    this.#counts.set(key, { code, column, rows: (this.#counts.get(key)?.rows ?? 0) + 1 });
  }

  /** The most frequent first. */
  list(): RejectCount[] {
    return [...this.#counts.values()].sort((one, other) => other.rows - one.rows);
  }

  static #key({ code, column }: Pick<RejectCount, 'code' | 'column'>): string {
    return `${code} ${column ?? ''}`;
  }

  static #objectKey(execution: string, { list, listed }: ReportProgress): string {
    return `working/${execution}/rejects/counts-${list}-${listed}.json`;
  }
}
