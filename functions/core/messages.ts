/**
 * What the states of the pipeline hand to each other: a reference to one version of an object, byte ranges and
 * counts. Rows never travel through a state, so no payload grows with the file; at most {@link MAX_CHUNKS} chunks
 * keep every one of them far below the 256 KiB that a state may hold.
 */

/** The most chunks that a file is cut into, whatever its size. */
export const MAX_CHUNKS = 1_000;

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
  readonly delimiter: string;
  /** Fields in the header, and so in every record. */
  readonly width: number;
  /** For each column of the row contract, in the contract's order, its position in the record. */
  readonly columns: readonly number[];
  /** Physical lines before the first record: the header's. */
  readonly headerLines: number;
  /** Names of columns that the contract does not know, each shortened, at most 20 of them. */
  readonly ignored: readonly string[];
}

/** Bytes `start` up to but not including `end` of the source; whole records. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

/** A chunk that was checked. */
export interface ValidatedChunk extends Chunk {
  /** Physical lines in the chunk, from which the lines of later chunks are counted. */
  readonly lines: number;
  /** Records. */
  readonly read: number;
  readonly rejected: number;
  /** Objects in the reports bucket that list the rejected records. */
  readonly rejectParts: number;
}

/** A chunk whose accepted rows are in the table. */
export interface LoadedChunk extends Chunk {
  readonly read: number;
  readonly loaded: number;
  readonly rejected: number;
  /** Rows that were not written because a later row of the chunk has the same key. */
  readonly duplicates: number;
}

export interface FetchEvent {
  /** The execution's name; it goes into log lines and the report's key. */
  readonly execution: string;
  /** The execution's input as it came. */
  readonly input: unknown;
}

export interface FetchResult {
  readonly source: Source;
  readonly format: Format;
  readonly chunks: readonly Chunk[];
}

export interface ValidateEvent {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly chunk: Chunk;
}

export interface JudgeEvent {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly chunks: readonly ValidatedChunk[];
}

/** What may be loaded; `JudgeCsv` throws `ValidationError` when nothing may. */
export interface Verdict {
  readonly read: number;
  readonly rejected: number;
  /** Key of the rejected rows' report in the reports bucket; null when no row was rejected. */
  readonly report: string | null;
}

export interface LoadEvent {
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  readonly chunk: ValidatedChunk;
}

export interface ReconcileEvent {
  readonly execution: string;
  readonly source: Source;
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
}
