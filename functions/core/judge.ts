/** The verdict over a validated file: may it be loaded? */

import type { S3Client } from '@aws-sdk/client-s3';
import { PlanError, ValidationError } from './errors.ts';
import { readHeader } from './header.ts';
import type { JudgeEvent, Verdict } from './messages.ts';
import { type Reject, readRejects } from './rejects.ts';
import { reportKey, writeReport } from './report.ts';
import { locate } from './source.ts';
import { readText } from './text.ts';

export interface JudgeSettings {
  readonly reportsBucket: string;
  /** Rejected rows up to which the others are loaded. */
  readonly maxRejects: number;
  /** Writes a second that all iterations of the load together may make; undefined for as many as the table takes. */
  readonly maxWritesPerSecond: number | undefined;
  /** Chunks that are loaded at once. */
  readonly loadConcurrency: number;
  /** Whether there is time for more. */
  readonly mayGoOn: () => boolean;
}

/** Rejected rows that are listed between two looks at the time. */
const ROWS_BETWEEN_LOOKS = 1_000;

/**
 * Whether the file was cut between records: the first chunk starts behind the header, and each one's last record ends
 * where the next one starts; so by induction all of them start with a record.
 */
function isProven({ format, chunks }: JudgeEvent): boolean {
  return chunks.every((chunk, index) => chunk.at === (chunks[index + 1]?.start ?? format.size));
}

/**
 * Adds up what the chunks' validation found, and writes the report if any row was rejected. When the chunks disagree,
 * nothing of what they found counts. A report that is not done when the time runs out ends with the rows it has.
 * @throws ValidationError when there are more rejected rows than are allowed.
 * @throws PlanError when the chunks of an exact plan disagree.
 */
export async function judge(s3: S3Client, event: JudgeEvent, settings: JudgeSettings): Promise<Verdict> {
  const { source, format, plan, chunks, execution } = event;
  const writesPerSecond =
    settings.maxWritesPerSecond === undefined
      ? null
      : settings.maxWritesPerSecond / Math.max(1, Math.min(settings.loadConcurrency, chunks.length));
  if (!isProven(event)) {
    if (plan.mode === 'probe') return { proven: false, writesPerSecond, read: 0, rejected: 0, report: null };
    throw new PlanError(
      `${locate(source)} was read in full to cut it, and yet a chunk does not end where the next one starts. Please report this; to load the file nevertheless, split it.`,
    );
  }
  const read = chunks.reduce((sum, chunk) => sum + chunk.read, 0);
  const rejected = chunks.reduce((sum, chunk) => sum + chunk.rejected, 0);
  if (rejected === 0) return { proven: true, writesPerSecond, read, rejected, report: null };

  let first: Reject | undefined;
  let listed = 0;
  const rejects = (async function* () {
    let lines = format.headerLines;
    for (const chunk of chunks) {
      const place = { bucket: settings.reportsBucket, execution, chunkStart: chunk.start };
      for await (const reject of readRejects(s3, place, chunk.rejectParts)) {
        const placed = { ...reject, line: lines + reject.line + 1 };
        first ??= placed;
        yield placed;
        listed += 1;
        if (listed % ROWS_BETWEEN_LOOKS === 0 && !settings.mayGoOn()) return;
      }
      lines += chunk.lines;
    }
  })();
  const header = await readHeader(readText(s3, source, format), [format.delimiter], locate(source));
  const report = reportKey(source, execution);
  await writeReport(s3, settings.reportsBucket, report, header.fields, format.delimiter, rejects);

  if (rejected > settings.maxRejects) {
    const where = first && `The first: line ${first.line}, ${first.column ?? 'the row'} ${first.reason}. `;
    throw new ValidationError(
      `${rejected} of ${read} rows of ${locate(source)} were rejected and ${settings.maxRejects} are allowed, so nothing was loaded. ${where ?? ''}${listed === rejected ? 'All' : `The first ${listed}`} of them, to be mended and uploaded again: s3://${settings.reportsBucket}/${report}`,
    );
  }
  return { proven: true, writesPerSecond, read, rejected, report };
}
