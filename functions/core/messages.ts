/**
 * What the states of the pipeline hand to each other: a reference to one version of an object, byte ranges and
 * counts. Rows never travel through a state, so no payload grows with the file; at most 1,000 chunks keep every one
 * of them below the 256 KiB that a state may hold.
 */

import { type Encoding, isUtf16 } from './csv/encoding.ts';
import type { RejectCode } from './dataset/reject-codes.ts';

/** One version of one object in S3. */
export interface Source {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes around it. */
  readonly etag: string;
  /** Absent in a bucket without versions; then the ETag alone pins the object. */
  readonly versionId?: string;
  /** Bytes. */
  readonly size: number;
}

/** How the file is written, as far as it is needed to read any part of it alone. */
export interface Format {
  /** Name of the dataset that it belongs to. */
  readonly dataset: string;
  readonly compression: 'none' | 'gzip';
  readonly encoding: Encoding;
  /** Bytes of the file once it is unpacked, and UTF-16 rewritten in UTF-8; 0 until that is known. */
  readonly size: number;
  readonly delimiter: string;
  /** Fields in the header, and so in every record. */
  readonly width: number;
  /** For each column of the dataset, in its order, its position in the record; -1 for one that the file lacks. */
  readonly columns: readonly number[];
  /** Byte behind the header. */
  readonly headerEnd: number;
  /** Physical lines up to there. */
  readonly headerLines: number;
  /** Names of columns that the dataset does not know, each shortened, at most 20 of them. */
  readonly ignored: readonly string[];
}

/**
 * Whether a file is read as it is. One that is packed, or in UTF-16, is rewritten into the reports bucket's working
 * area first, one object for each chunk.
 */
export function isPlain({ compression, encoding }: Pick<Format, 'compression' | 'encoding'>): boolean {
  return compression === 'none' && !isUtf16(encoding);
}

/** Bytes `start` up to but not including `end` of the file, as {@link Format.size} counts them; whole records. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

/** A chunk that a function works on, in one invocation after the other. */
export interface ChunkProgress extends Chunk {
  /**
   * Byte of the next record. Validation is done when it is `end` or more: it is `end` just if a record ends there, and
   * thereby proves that the next chunk starts with a record.
   */
  readonly at: number;
  /** Records up to there. */
  readonly read: number;
  readonly rejected: number;
}

/** Whether a chunk was left as it is, because the upload is another execution's by now. */
export interface MaybeSuperseded {
  readonly superseded: boolean;
}

/**
 * What records contain besides ASCII: nothing, characters that are valid in the file's encoding, invalid bytes, or
 * both.
 */
export type TextKind = 'ascii' | 'valid' | 'invalid' | 'mixed';

/** A chunk that is being checked, or was. */
export interface ValidatedChunk extends ChunkProgress {
  /** Physical lines, from which the lines of later chunks are counted. */
  readonly lines: number;
  /** Objects in the reports bucket that list the rejected records. */
  readonly rejectParts: number;
  /** Objects there with the keys of its accepted rows; and rows that have the key of a later row of their run. */
  readonly keyRuns: number;
  readonly repeated: number;
  readonly text: TextKind;
}

/** A chunk whose accepted rows are being written, or are in the table. */
export interface LoadedChunk extends ChunkProgress {
  readonly loaded: number;
  /** Rows that were not written because a later row of the file has the same key. */
  readonly duplicates: number;
}

/**
 * How a file was cut. `probe`: by looking at a window near each cut, a guess that validation proves. `exact`: by
 * reading all of it.
 */
export type PlanMode = 'probe' | 'exact';

export interface Plan {
  readonly mode: PlanMode;
  /** Whether the whole file is cut. */
  readonly done: boolean;
}

/** What a function works on, in every state after FetchCsv. */
export interface Job {
  /** The execution's name; it goes into log lines and the report's key. */
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
}

export interface FetchEvent {
  /** The execution's name; it goes into log lines and the report's key. */
  readonly execution: string;
  /** The execution's input as it came. */
  readonly input: unknown;
}

/** Asks for an exact plan, or for the rest of one. */
export interface ScanEvent extends Job {
  readonly plan: Plan;
  readonly chunks: readonly Chunk[];
}

/** An upload is the execution's, and cut. */
export interface PlannedUpload extends FetchResult {
  readonly outcome: 'plan';
}

/** An upload that is not loaded, or not now; the execution's output unless it is `wait`. */
export interface StandingResult {
  readonly outcome: 'already-loaded' | 'superseded' | 'wait';
  readonly source_bucket: string;
  readonly source_key: string;
  readonly message: string;
  /** What the ledger has of the object. */
  readonly recorded: {
    readonly status: string;
    readonly execution: string;
    readonly version_id: string | null;
    readonly etag: string;
    /** In ISO 8601. */
    readonly entered: string;
    readonly ended: string | null;
    readonly read?: number | undefined;
    readonly loaded?: number | undefined;
    readonly rejected?: number | undefined;
    readonly duplicates?: number | undefined;
  };
}

export interface FetchResult {
  readonly source: Source;
  readonly format: Format;
  readonly plan: Plan;
  readonly chunks: readonly Chunk[];
}

export interface ValidateEvent extends Job {
  /** Without counts until an invocation has worked on it. */
  readonly chunk: Chunk & Partial<ValidatedChunk>;
}

export interface JudgeEvent extends Job {
  readonly plan: Plan;
  readonly chunks: readonly ValidatedChunk[];
}

/**
 * What becomes of a file once its rows are checked. `load`: every row counts. `report`: some were rejected or lose to
 * later ones, and they are reported, before the others are loaded or nothing is. `find-duplicates`: the keys of the
 * chunks have to be compared first. `cut-again`: the chunks do not fit together. `decode-again`: the file is not in
 * UTF-8, and is checked once more as windows-1252.
 */
export type Outcome = 'load' | 'report' | 'find-duplicates' | 'cut-again' | 'decode-again';

export interface Verdict {
  readonly outcome: Outcome;
  /** Writes a second that each iteration of the load may make; null for as many as the table takes. */
  readonly writesPerSecond: number | null;
  readonly read: number;
  readonly rejected: number;
  /** Rows whose key a later row has, as far as they are known: they are duplicates, or among the rejected ones. */
  readonly repeated: number;
  readonly duplicates: number;
  /** Bucket of keys from which on they are still to be compared. */
  readonly bucket: number;
  /** Whether so many rejected rows are tolerated. */
  readonly accepted: boolean;
  /** When it was given, in ISO 8601. */
  readonly judged: string;
  readonly report: ReportProgress;
}

/** A rejected row as a state tells of it: without anything of the row itself. */
export interface RejectSummary {
  /** Physical line of the file, the first being 1. */
  readonly line: number;
  readonly column: string | null;
  readonly code: RejectCode;
  readonly reason: string;
}

/** A place in a chunk: the byte of a record, and the records and physical lines before it. */
export interface WithinChunk {
  readonly at: number;
  readonly row: number;
  readonly lines: number;
}

/** What a report lists: the rejected rows, and then the duplicates. */
export type ListName = 'rejected' | 'duplicates';

/** How far the report is. */
export interface ReportProgress {
  readonly done: boolean;
  /** The list that is being written, and the rows that are in it. */
  readonly list: ListName;
  readonly listed: number;
  /** Index of the chunk whose rows come next, and of the part of them. */
  readonly chunk: number;
  readonly part: number;
  /** Where to go on within that part, if it is the one that reads the chunk again. */
  readonly within: WithinChunk | null;
  /** Physical lines before that chunk. */
  readonly lines: number;
  /** Files of each list. */
  readonly files: Readonly<Record<ListName, number>>;
  /** The first rejected rows, at most 5. */
  readonly first: readonly RejectSummary[];
}

export interface ReportEvent extends Job {
  /** When the execution started, in ISO 8601. */
  readonly started: string;
  readonly chunks: readonly ValidatedChunk[];
  readonly verdict: Verdict;
}

export interface DuplicatesEvent extends Job {
  readonly chunks: readonly ValidatedChunk[];
  readonly verdict: Verdict;
}

export interface LoadEvent extends Job {
  /** As in {@link ValidateEvent}. */
  readonly chunk: Chunk & Partial<LoadedChunk>;
  readonly writesPerSecond: number | null;
  /** As {@link Verdict.repeated}. */
  readonly repeated: number;
}

export interface ReconcileEvent extends Job {
  /** When the execution started, in ISO 8601. */
  readonly started: string;
  readonly verdict: Verdict;
  readonly chunks: readonly LoadedChunk[];
}

export interface BeginResult {
  /** Whether no other execution writes rows of the object any more. */
  readonly ready: boolean;
}

/** The output of an execution that loads its upload. */
export interface PipelineResult {
  readonly outcome: 'loaded';
  readonly source_bucket: string;
  readonly source_key: string;
  readonly dataset: string;
  readonly encoding: Encoding;
  readonly delimiter: string;
  readonly read: number;
  readonly loaded: number;
  readonly rejected: number;
  readonly duplicates: number;
  /** Keys in the reports bucket: of `report.json`, and of the first files of rejected rows and of duplicates. */
  readonly report: string;
  readonly rejected_rows: string | null;
  readonly duplicate_rows: string | null;
  /** As {@link ReportProgress.first}. */
  readonly first_rejected: readonly RejectSummary[];
  /** As {@link Format.ignored}. */
  readonly ignored_columns: readonly string[];
}
