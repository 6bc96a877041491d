/**
 * Lists the rejected rows in the reports bucket, under the upload's key and the execution's name, in files that can be
 * mended and uploaded again.
 */

import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { classified } from './aws.ts';
import type { Dataset } from './dataset.ts';
import { ValidationError } from './errors.ts';
import { readHeader } from './header.ts';
import type { RejectSummary, ReportEvent, ReportProgress } from './messages.ts';
import { type Reject, readRejects } from './rejects.ts';
import { type ReportFormat, reportHeader, reportRow } from './report-rows.ts';
import {
  getJson,
  putJson,
  type RejectCount,
  rejectedName,
  reportFolder,
  summarise,
  summaryKey,
} from './summary.ts';
import { objectFile, readText } from './text.ts';
import { whatIsAllowed } from './tolerance.ts';

/** Rows after which another file is begun: a spreadsheet of Excel has 1,048,576. */
export const MAX_FILE_ROWS = 900_000;

/** Rejected rows that a state tells of. */
const FIRST_ROWS = 5;

export interface ReportSettings {
  readonly reportsBucket: string;
  readonly maxFileRows: number;
  /** Whether there is time for more. */
  readonly mayGoOn: () => boolean;
}

/**
 * Goes on with the report: writes files until all rejected rows are listed, or the time runs out. It holds the rows of
 * one object that validation wrote, and a part of the file.
 * @throws ValidationError when all of them are listed, and there are more than are tolerated.
 */
export async function reportRejects(
  s3: S3Client,
  event: ReportEvent,
  dataset: Dataset,
  settings: ReportSettings,
): Promise<ReportProgress> {
  const { execution, source, format, verdict } = event;
  const { reportsBucket, mayGoOn } = settings;
  const folder = reportFolder(source, execution);
  const file = objectFile(s3, source);
  const header = await readHeader(
    readText(file, format),
    { dataset, delimiters: [format.delimiter], encodings: [format.encoding] },
    file.place,
  );
  const reportFormat = { ...format, header: header.fields };
  // With a mark a spreadsheet knows that it is UTF-8, and so does the next execution, whatever the dataset declares.
  const hasMark = header.hasMark || format.encoding !== 'utf-8';

  let { report: progress } = verdict;
  const counts = await RejectCounts.after(s3, reportsBucket, execution, progress.listed);
  do {
    const listing = new RejectedFile(s3, event, settings, progress, counts);
    const Key = `${folder}/${rejectedName(progress.files + 1)}`;
    const upload = new Upload({
      client: s3,
      queueSize: 1,
      params: {
        Bucket: reportsBucket,
        Key,
        Body: Readable.from(listing.lines(reportFormat, hasMark), { objectMode: false }),
        ContentType: 'text/csv; charset=utf-8',
      },
    });
    await upload.done().catch((error: unknown) => {
      throw classified(error, `Writing s3://${reportsBucket}/${Key}`);
    });
    progress = listing.progress;
  } while (!progress.done && mayGoOn());

  if (!progress.done) {
    await counts.save(s3, reportsBucket, execution, progress.listed);
    return progress;
  }
  const summary = summarise(event, dataset, counts.list(), progress.files);
  await putJson(s3, reportsBucket, summaryKey(source, execution), summary);
  if (verdict.accepted) return progress;
  const [first] = progress.first;
  const where = first && `The first: line ${first.line}, ${first.column ?? 'the row'} ${first.reason}. `;
  const more = progress.files > 1 ? ` and ${progress.files - 1} more files beside it` : '';
  throw new ValidationError(
    `${verdict.rejected} of ${verdict.read} rows of ${file.place} were rejected and ${whatIsAllowed(dataset.tolerance)}, so nothing was loaded. ${where ?? ''}All of them, to be mended and uploaded again: s3://${reportsBucket}/${folder}/${rejectedName(1)}${more}`,
  );
}

/** One file of rejected rows, as it is being written. */
class RejectedFile {
  progress: ReportProgress;
  readonly #s3: S3Client;
  readonly #event: ReportEvent;
  readonly #settings: ReportSettings;
  readonly #counts: RejectCounts;

  constructor(
    s3: S3Client,
    event: ReportEvent,
    settings: ReportSettings,
    progress: ReportProgress,
    counts: RejectCounts,
  ) {
    this.#s3 = s3;
    this.#event = event;
    this.#settings = settings;
    this.#counts = counts;
    this.progress = { ...progress, files: progress.files + 1 };
  }

  /** The file's lines; ends, between two objects of a chunk, when it has enough rows or the time runs out. */
  async *lines(format: ReportFormat, hasMark: boolean): AsyncGenerator<Buffer, void> {
    const { maxFileRows, mayGoOn } = this.#settings;
    const { listed } = this.progress;
    if (hasMark) yield Buffer.from('\uFEFF');
    yield reportHeader(format);
    for (;;) {
      const rejects = await this.#next();
      if (rejects === undefined) return;
      for (const reject of rejects) yield reportRow(reject, format);
      if (this.progress.listed - listed >= maxFileRows || !mayGoOn()) return;
    }
  }

  /** The rows of the next object, with lines counted from the file's first, which is 1; undefined behind the last. */
  async #next(): Promise<Reject[] | undefined> {
    const { chunks, execution, verdict } = this.#event;
    let { chunk: index, part, lines } = this.progress;
    for (
      let chunk = chunks[index];
      chunk !== undefined && part === chunk.rejectParts;
      chunk = chunks[index]
    ) {
      lines += chunk.lines;
      index += 1;
      part = 0;
    }
    const chunk = chunks[index];
    if (chunk === undefined) return undefined;
    const place = { bucket: this.#settings.reportsBucket, execution, chunkStart: chunk.start };
    const rejects = (await readRejects(this.#s3, place, part)).map((reject) => ({
      ...reject,
      line: lines + reject.line + 1,
    }));
    const { first } = this.progress;
    const listed = this.progress.listed + rejects.length;
    for (const reject of rejects) this.#counts.add(reject);
    this.progress = {
      ...this.progress,
      done: listed === verdict.rejected,
      chunk: index,
      part: part + 1,
      lines,
      listed,
      first: [...first, ...rejects.slice(0, FIRST_ROWS - first.length).map(summaryOf)],
    };
    return rejects;
  }
}

function summaryOf({ line, column, code, reason }: Reject): RejectSummary {
  return { line, column, code, reason };
}

/** Counts rejected rows by code and column; bounded by how many of these there are. */
export class RejectCounts {
  readonly #counts: Map<string, RejectCount>;

  constructor(counts: readonly RejectCount[] = []) {
    this.#counts = new Map(counts.map((count) => [RejectCounts.#key(count), count]));
  }

  /** The counts up to where an earlier invocation got; what one that crashed had counted beyond it is not in them. */
  static async after(s3: S3Client, bucket: string, execution: string, listed: number): Promise<RejectCounts> {
    if (listed === 0) return new RejectCounts();
    return new RejectCounts(await getJson(s3, bucket, RejectCounts.#objectKey(execution, listed)));
  }

  save(s3: S3Client, bucket: string, execution: string, listed: number): Promise<void> {
    return putJson(s3, bucket, RejectCounts.#objectKey(execution, listed), this.list());
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

  static #objectKey(execution: string, listed: number): string {
    return `working/${execution}/rejects/counts-${listed}.json`;
  }
}
