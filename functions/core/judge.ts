/** The verdict over a validated file: may it be loaded? */

import type { S3Client } from '@aws-sdk/client-s3';
import { ValidationError } from './errors.ts';
import { readHeader } from './header.ts';
import type { JudgeEvent, Verdict } from './messages.ts';
import { type Reject, readRejects } from './rejects.ts';
import { reportKey, writeReport } from './report.ts';
import { locate, readRange } from './source.ts';

export interface JudgeSettings {
  readonly reportsBucket: string;
  /** Rejected rows up to which the others are loaded. */
  readonly maxRejects: number;
}

/**
 * Adds up what the chunks' validation found, and writes the report if any row was rejected.
 * @throws ValidationError when there are more rejected rows than are allowed.
 */
export async function judge(s3: S3Client, event: JudgeEvent, settings: JudgeSettings): Promise<Verdict> {
  const { source, format, chunks, execution } = event;
  const read = chunks.reduce((sum, chunk) => sum + chunk.read, 0);
  const rejected = chunks.reduce((sum, chunk) => sum + chunk.rejected, 0);
  if (rejected === 0) return { read, rejected, report: null };

  let first: Reject | undefined;
  const rejects = (async function* () {
    let lines = format.headerLines;
    for (const chunk of chunks) {
      const place = { bucket: settings.reportsBucket, execution, chunkStart: chunk.start };
      for await (const reject of readRejects(s3, place, chunk.rejectParts)) {
        const placed = { ...reject, line: lines + reject.line + 1 };
        first ??= placed;
        yield placed;
      }
      lines += chunk.lines;
    }
  })();
  const header = await readHeader(readRange(s3, source, 0, source.size), format.delimiter, locate(source));
  const report = reportKey(source, execution);
  await writeReport(s3, settings.reportsBucket, report, header.fields, format.delimiter, rejects);

  if (rejected > settings.maxRejects) {
    const where = first && `The first: line ${first.line}, ${first.column ?? 'the row'} ${first.reason}. `;
    throw new ValidationError(
      `${rejected} of ${read} rows of ${locate(source)} were rejected and ${settings.maxRejects} are allowed, so nothing was loaded. ${where ?? ''}All of them, to be mended and uploaded again: s3://${settings.reportsBucket}/${report}`,
    );
  }
  return { read, rejected, report };
}
