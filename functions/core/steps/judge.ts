/** Reaches a verdict on a validated file: whether its rows may be loaded. */

import type { S3Client } from '@aws-sdk/client-s3';
import { readHeader } from '../csv/header.ts';
import { objectFile, readText } from '../csv/text.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { verifyFooter } from '../dataset/file-format/footer.ts';
import { isTolerated, verifyMaxRows, verifyRowCount } from '../dataset/tolerance.ts';
import { PlanError } from '../errors.ts';
import { bucketRanges } from '../feed/compare.ts';
import type { Format, JudgeEvent, TextKind, ValidatedChunk, Verdict } from '../messages.ts';
import { s3Uri } from '../storage/source.ts';
import type { StoredFile } from '../storage/stored-file.ts';
import { BUCKETS } from '../working/keys.ts';
import { withCompareCounts } from './compare-index.ts';

export interface JudgeSettings {
  /** Writes per second that the whole load may make; undefined for as many as the table accepts. */
  readonly maxWritesPerSecond?: number | undefined;
  /** Chunks that are loaded at the same time. */
  readonly loadConcurrency: number;
  /** Maximum number of rows of a file. */
  readonly maxRows: number;
}

/**
 * Adds up the results of the chunks' validation. If the chunks do not fit together, or turn out to be in another
 * encoding, the verdict is to validate the file again.
 * @throws PlanError when the chunks of an exact plan do not fit together.
 * @throws RowCountError when the file has fewer or more rows than the dataset expects, more than `maxRows`, or too many
 * in its footer.
 */
export async function judge(
  s3: S3Client,
  event: JudgeEvent,
  dataset: Dataset,
  { maxWritesPerSecond, loadConcurrency, maxRows }: JudgeSettings,
): Promise<Verdict> {
  const { data, footer, dataEnd } = withoutFooter(event);
  const sum = (count: (chunk: ValidatedChunk) => number, chunks = data) =>
    chunks.reduce((total, chunk) => total + count(chunk), 0);
  const read = sum((chunk) => chunk.read);
  const { feed } = event;
  // Within a single run of keys, validation has already found all duplicates.
  const areKeysCompared = sum((chunk) => chunk.keyRuns) <= 1;
  const verdict: Verdict = {
    outcome: 'find-duplicates',
    writesPerSecond:
      maxWritesPerSecond === undefined
        ? null
        : maxWritesPerSecond / Math.max(1, Math.min(loadConcurrency, data.length)),
    read,
    blank: sum((chunk) => chunk.blank, event.chunks),
    footer,
    dataEnd,
    rejected: sum((chunk) => chunk.rejected),
    repeated: [sum((chunk) => chunk.repeated), ...dataset.unique.map(() => 0)],
    duplicates: 0,
    bucket: areKeysCompared ? BUCKETS : 0,
    compared: feed === null ? [] : bucketRanges(read + (feed.base?.keys ?? 0)).map(withCompareCounts),
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
  const outcome = await repeatOutcome(s3, event, dataset);
  if (outcome !== undefined) return { ...verdict, outcome };
  verifyFooter(s3Uri(event.source), footer);
  verifyRowCount(s3Uri(event.source), verdict.read, dataset);
  verifyMaxRows(s3Uri(event.source), verdict.read, maxRows);
  return areKeysCompared && dataset.unique.length === 0 ? finalVerdict(verdict, dataset) : verdict;
}

/**
 * The chunks in which there is data, and what follows it. A chunk after the one in which the footer begins was validated
 * without knowing that; all its rows belong to the footer.
 */
function withoutFooter({ chunks, format }: Pick<JudgeEvent, 'chunks' | 'format'>) {
  const first = chunks.findIndex((chunk) => chunk.footer !== undefined);
  if (first === -1) return { data: chunks, footer: 0, dataEnd: format.size };
  const { start = format.size, rows = 0 } = chunks[first]?.footer ?? {};
  const after = chunks.slice(first + 1).map((chunk) => chunk.read + (chunk.footer?.rows ?? 0));
  return {
    data: chunks.slice(0, first + 1),
    footer: after.reduce((sum, more) => sum + more, rows),
    dataEnd: start,
  };
}

/** The verdict once all earlier duplicates are known. */
export function finalVerdict(verdict: Verdict, dataset: Dataset): Verdict {
  const counts = finalCounts(verdict, dataset);
  return { ...verdict, ...counts, outcome: counts.rejected + counts.duplicates === 0 ? 'load' : 'report' };
}

/** The counts once all earlier duplicates are known: the dataset either skips those with the same key or rejects them. */
export function finalCounts(
  { read, rejected: invalid, repeated }: Pick<Verdict, 'read' | 'rejected' | 'repeated'>,
  { duplicates, tolerance }: Dataset,
): Pick<Verdict, 'rejected' | 'duplicates' | 'accepted'> {
  const [sameKey = 0, ...notUnique] = repeated;
  const skipped = duplicates === 'reject' ? 0 : sameKey;
  const rejected = notUnique.reduce((sum, rows) => sum + rows, invalid + sameKey - skipped);
  return {
    rejected,
    duplicates: skipped,
    accepted: isTolerated(tolerance, rejected, read),
  };
}

/** The outcome when the file has to be validated again. */
async function repeatOutcome(
  s3: S3Client,
  event: JudgeEvent,
  dataset: Dataset,
): Promise<'cut-again' | 'decode-again' | undefined> {
  if (!isProven(event)) {
    if (event.plan.mode === 'probe') return 'cut-again';
    throw new PlanError(
      `${s3Uri(event.source)} was read in full to cut it, but a chunk does not end where the next one starts. Please report this bug; to load the file anyway, split it.`,
    );
  }
  const kinds = event.chunks.map(({ text }) => text);
  if (await isWindows1252(objectFile(s3, event.source), event.format, kinds, dataset)) return 'decode-again';
  return undefined;
}

/**
 * Whether the file was cut between records. The first chunk starts right after the header, and the last record of each
 * chunk ends where the next chunk starts. By induction, every chunk starts with a record.
 */
function isProven({ format, chunks }: JudgeEvent): boolean {
  return chunks.every((chunk, index) => chunk.at === (chunks[index + 1]?.start ?? format.size));
}

/**
 * Whether a file that was read as UTF-8 should be read as windows-1252. The dataset must allow it, some of the file
 * must not be UTF-8, and none of it may be UTF-8 other than ASCII, which would be garbled.
 * @param kinds of text in its rows, one for each part that was read.
 */
export async function isWindows1252(
  file: StoredFile,
  format: Format,
  kinds: readonly TextKind[],
  dataset: Dataset,
): Promise<boolean> {
  if (format.encoding !== 'utf-8' || !dataset.encodings.includes('windows-1252')) return false;
  if (!kinds.includes('invalid') || kinds.includes('valid') || kinds.includes('mixed')) return false;
  const { isAscii, hasBom } = await readHeader(
    readText(file, format),
    { dataset, delimiters: [format.delimiter], encodings: ['utf-8'] },
    file.name,
  );
  return isAscii && !hasBom;
}
