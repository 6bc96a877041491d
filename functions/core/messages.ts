/**
 * What the states of the pipeline hand to each other: a reference to one version of an object, byte ranges and
 * counts. Rows never travel through a state, so no payload grows with the file; at most 1,000 chunks keep every one
 * of them below the 256 KiB that a state may hold.
 */

import type { Encoding } from './encoding.ts';

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
  readonly packing: 'none' | 'gzip';
  readonly encoding: Encoding;
  /** Bytes of the file once it is unpacked and in UTF-8; 0 until that is known. */
  readonly size: number;
  readonly delimiter: string;
  /** Fields in the header, and so in every record. */
  readonly width: number;
  /** For each column of the row contract, in the contract's order, its position in the record. */
  readonly columns: readonly number[];
  /** Byte behind the header. */
  readonly headerEnd: number;
  /** Physical lines up to there. */
  readonly headerLines: number;
  /** Names of columns that the contract does not know, each shortened, at most 20 of them. */
  readonly ignored: readonly string[];
}

/**
 * Whether a file is read as it is. One that is packed, or not in UTF-8, is rewritten into the reports bucket's working
 * area first, one object for each chunk.
 */
export function isPlain({ packing, encoding }: Pick<Format, 'packing' | 'encoding'>): boolean {
  return packing === 'none' && encoding === 'utf-8';
}

/** Bytes `start` up to but not including `end` of the file, unpacked and in UTF-8; whole records. */
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

/** A chunk that is being checked, or was. */
export interface ValidatedChunk extends ChunkProgress {
  /** Physical lines, from which the lines of later chunks are counted. */
  readonly lines: number;
  /** Objects in the reports bucket that list the rejected records. */
  readonly rejectParts: number;
}

/** A chunk whose accepted rows are being written, or are in the table. */
export interface LoadedChunk extends ChunkProgress {
  readonly loaded: number;
  /** Rows that were not written because a later row of the chunk has the same key. */
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

export interface FetchEvent {
  /** The execution's name; it goes into log lines and the report's key. */
  readonly execution: string;
  /** The execution's input as it came. */
  readonly input: unknown;
}

/** Asks for an exact plan, or for the rest of one. */
export interface ScanEvent {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly plan: Plan;
  readonly chunks: readonly Chunk[];
}

export interface FetchResult {
  readonly source: Source;
  readonly format: Format;
  readonly plan: Plan;
  readonly chunks: readonly Chunk[];
}

export interface ValidateEvent {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly chunk: ValidatedChunk;
}

export interface JudgeEvent {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly plan: Plan;
  readonly chunks: readonly ValidatedChunk[];
}

/** What may be loaded; `JudgeCsv` throws `ValidationError` when nothing may. */
export interface Verdict {
  /** Whether each chunk ends just where the next one starts; if not, the file has to be cut again, exactly. */
  readonly proven: boolean;
  /** Writes a second that each iteration of the load may make; null for as many as the table takes. */
  readonly writesPerSecond: number | null;
  readonly read: number;
  readonly rejected: number;
  /** Key of the rejected rows' report in the reports bucket; null when no row was rejected. */
  readonly report: string | null;
}

export interface LoadEvent {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly chunk: LoadedChunk;
  readonly writesPerSecond: number | null;
}

export interface ReconcileEvent {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly verdict: Verdict;
  readonly chunks: readonly LoadedChunk[];
}

/** The execution's output. */
export interface PipelineResult {
  readonly source_bucket: string;
  readonly source_key: string;
  readonly read: number;
  readonly loaded: number;
  readonly rejected: number;
  readonly duplicates: number;
  readonly report: string | null;
  /** As {@link Format.ignored}. */
  readonly ignored_columns: readonly string[];
}
