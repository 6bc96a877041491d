/** The verdict over a validated file: may it be loaded? */

import type { S3Client } from '@aws-sdk/client-s3';
import { readHeader } from '../csv/header.ts';
import { objectFile, readText, type StoredFile } from '../csv/text.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { isTolerated } from '../dataset/tolerance.ts';
import { PlanError } from '../errors.ts';
import type { Format, JudgeEvent, TextKind, ValidatedChunk, Verdict } from '../messages.ts';
import { s3Uri } from '../storage/source.ts';

export interface JudgeSettings {
  /** Writes a second that all iterations of the load together may make; undefined for as many as the table takes. */
  readonly maxWritesPerSecond?: number | undefined;
  /** Chunks that are loaded at once. */
  readonly loadConcurrency: number;
}

/**
 * Adds up what the chunks' validation found. When the chunks disagree, or turn out to be in another encoding, nothing
 * of what they found counts.
 * @throws PlanError when the chunks of an exact plan disagree.
 */
export async function judge(
  s3: S3Client,
  event: JudgeEvent,
  dataset: Dataset,
  { maxWritesPerSecond, loadConcurrency }: JudgeSettings,
): Promise<Verdict> {
  const { chunks } = event;
  const sum = (count: (chunk: ValidatedChunk) => number) =>
    chunks.reduce((total, chunk) => total + count(chunk), 0);
  const verdict: Verdict = {
    outcome: 'find-duplicates',
    writesPerSecond:
      maxWritesPerSecond === undefined
        ? null
        : maxWritesPerSecond / Math.max(1, Math.min(loadConcurrency, chunks.length)),
    read: sum((chunk) => chunk.read),
    rejected: sum((chunk) => chunk.rejected),
    repeated: sum((chunk) => chunk.repeated),
    duplicates: 0,
    bucket: 0,
    accepted: false,
    judged: new Date().toISOString(),
    report: {
      done: false,
      list: 'rejected',
      listed: 0,
      chunk: 0,
      part: 0,
      within: null,
      lines: event.format.headerLines,
      files: { rejected: 0, duplicates: 0 },
      first: [],
    },
  };
  const again = await whatToDoAgain(s3, event, dataset);
  if (again !== undefined) return { ...verdict, outcome: again };
  // Where there is one run, it was seen in it which keys stand twice.
  return sum((chunk) => chunk.keyRuns) > 1 ? verdict : settled(verdict, dataset);
}

/** The verdict once it is known which rows lose to later ones with the same key. */
export function settled(verdict: Verdict, dataset: Dataset): Verdict {
  const counts = settledCounts(verdict, dataset);
  return { ...verdict, ...counts, outcome: counts.rejected + verdict.repeated === 0 ? 'load' : 'report' };
}

/** What the rows come to when those that lose are duplicates, or are rejected like the others. */
export function settledCounts(
  { read, rejected: broken, repeated }: Pick<Verdict, 'read' | 'rejected' | 'repeated'>,
  { duplicates, tolerance }: Dataset,
): Pick<Verdict, 'rejected' | 'duplicates' | 'accepted'> {
  const isReject = duplicates === 'reject';
  const rejected = broken + (isReject ? repeated : 0);
  return {
    rejected,
    duplicates: isReject ? 0 : repeated,
    accepted: isTolerated(tolerance, rejected, read),
  };
}

/** What has to be done before what the chunks' validation found counts. */
async function whatToDoAgain(
  s3: S3Client,
  event: JudgeEvent,
  dataset: Dataset,
): Promise<'cut-again' | 'decode-again' | undefined> {
  if (!isProven(event)) {
    if (event.plan.mode === 'probe') return 'cut-again';
    throw new PlanError(
      `${s3Uri(event.source)} was read in full to cut it, and yet a chunk does not end where the next one starts. Please report this; to load the file nevertheless, split it.`,
    );
  }
  const kinds = event.chunks.map(({ text }) => text);
  if (await isWindows1252(objectFile(s3, event.source), event.format, kinds, dataset)) return 'decode-again';
  return undefined;
}

/**
 * Whether the file was cut between records: the first chunk starts behind the header, and each one's last record ends
 * where the next one starts; so by induction all of them start with a record.
 */
function isProven({ format, chunks }: JudgeEvent): boolean {
  return chunks.every((chunk, index) => chunk.at === (chunks[index + 1]?.start ?? format.size));
}

/**
 * Whether a file that was read as UTF-8 is to be read as windows-1252: the dataset allows it, some of it is not UTF-8,
 * and nothing in it is other UTF-8 than ASCII, which would come out mangled.
 * @param textKinds of its rows, in whatever parts they were read.
 */
export async function isWindows1252(
  file: StoredFile,
  format: Format,
  textKinds: readonly TextKind[],
  dataset: Dataset,
): Promise<boolean> {
  if (format.encoding !== 'utf-8' || !dataset.encodings.includes('windows-1252')) return false;
  const kinds = new Set(textKinds);
  if (!kinds.has('invalid') || kinds.has('valid') || kinds.has('mixed')) return false;
  const { isAscii, hasBom } = await readHeader(
    readText(file, format),
    { dataset, delimiters: [format.delimiter], encodings: ['utf-8'] },
    file.name,
  );
  return isAscii && !hasBom;
}
