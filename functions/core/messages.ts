/**
 * What the pipeline's states pass to each other: a reference to one version of an object, byte ranges and counts. Rows
 * never pass through a state, so no payload grows with the file. With at most 750 chunks, every payload stays below
 * the 256 KiB limit of a state.
 */

import type { Quoting } from './dataset/file-format/quoting.ts';
import type { KeyCounts, WriteCounts } from './dataset/load.ts';
import type { RejectCode } from './dataset/reject-codes.ts';

/** How the characters of a file are encoded: the name that `TextDecoder` has for it, such as `utf-8`. */
export type Encoding = string;

/** How a file is compressed. */
export type Compression = 'none' | 'gzip' | 'zip' | 'zstd';

/** One version of one object in S3. */
export interface Source {
  readonly bucket: string;
  readonly key: string;
  /** Without its quotes. */
  readonly etag: string;
  /** Absent in a bucket without versioning, where the ETag alone pins the object. */
  readonly versionId?: string;
  /** In bytes. */
  readonly size: number;
  /**
   * When it counts as uploaded, in ISO 8601: S3's `Last-Modified`, and for an upload that an execution has claimed, as
   * many milliseconds later as make the uploads of one key differ.
   */
  readonly uploaded: string;
}

/** The file's format: all that is needed to read any part of it independently. */
export interface Format extends Quoting {
  /** Name of the file's dataset. */
  readonly dataset: string;
  readonly compression: Compression;
  readonly encoding: Encoding;
  /** Size in bytes after decompression and conversion to UTF-8; 0 until that is known. */
  readonly size: number;
  readonly delimiter: string;
  /** Number of fields in every record. */
  readonly width: number;
  /** Whether every record ends with a delimiter that the header lacks: its last field is empty. */
  readonly isPadded: boolean;
  /** For each column of the dataset, in order, its position in a record; -1 for a column that the file lacks. */
  readonly columns: readonly number[];
  /** Position of the first byte after the header. */
  readonly headerEnd: number;
  /** Physical lines up to that byte. */
  readonly headerLines: number;
  /** Names of columns that the dataset does not have, each shortened; at most 20. */
  readonly ignored: readonly string[];
  /** What may be wrong with the header, in sentences that contain nothing else of the file; at most 7. */
  readonly warnings: readonly string[];
}

/** Whole records: bytes `start` up to but not including `end` of the file, counted as in {@link Format.size}. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

/** A chunk, and how far the invocations of a function have got with it. */
export interface ChunkProgress extends Chunk {
  /**
   * Position of the next record. Validation is done once this reaches or passes `end`. It equals `end` only if a record
   * ends there, which proves that the next chunk starts with a record.
   */
  readonly at: number;
  /** Records in front of `at`. */
  readonly read: number;
  readonly rejected: number;
}

/** Whether a chunk was left unchanged because another execution has claimed the upload. */
export interface MaybeSuperseded {
  readonly superseded: boolean;
}

/**
 * What records contain besides ASCII: nothing, characters that are valid in the file's encoding, invalid bytes, or
 * both.
 */
export type TextKind = 'ascii' | 'valid' | 'invalid' | 'mixed';

/** A chunk whose rows are being validated, or have been. */
export interface ValidatedChunk extends ChunkProgress {
  /** Rows in front of `at` in which every cell is blank. They are not records. */
  readonly blank: number;
  /** Set if the footer begins in this chunk: the byte of its first row, and its rows in front of `at`. */
  readonly footer?: { readonly start: number; readonly rows: number };
  /** Number of physical lines, from which the line numbers of later chunks follow. */
  readonly lines: number;
  /** Number of objects in the reports bucket that list the rejected records. */
  readonly rejectParts: number;
  /** Number of objects in the reports bucket with the keys of the accepted rows, called runs; as many list each unique column. */
  readonly keyRuns: number;
  /** Rows whose key appears again later in the same run. */
  readonly repeated: number;
  readonly text: TextKind;
}

/** A chunk whose accepted rows are being written to the table, or have been. */
export interface LoadedChunk extends ChunkProgress, WriteCounts {
  /** Rows that were not written because a later row in the file has the same key. */
  readonly duplicates: number;
}

/** Numbers of keys. */
export interface IndexChanges {
  /** Entries of the index that the rows are compared with. */
  readonly base: number;
  /** Rows of the file that are written, of keys that the feed does not have in the table. */
  readonly added: number;
  /**
   * Other rows that are written: their items differ from what the feed has in the table, or nobody knows whether they
   * do. That is so for a forced load, after one without an index, if the index is of another table, and for the keys that
   * an unfinished load was to write or to delete, even if it is the first to write them.
   */
  readonly changed: number;
  /** Rows of the file that need not be written. */
  readonly unchanged: number;
  /** Keys to be deleted: the file lacks them, and the table has them, or may have. */
  readonly deletes: number;
  /** Of these, those of keys of the feed's last complete index. */
  readonly countedDeletes: number;
  /** Keys that the file lacks and that stay, because rows are rejected or the load removes none. */
  readonly kept: number;
  /** Of all these keys, those of the feed's last complete index. */
  readonly counted: number;
}

/** Buckets of keys, `start` up to but not including `end`, that are being compared with a feed's index, or have been. */
export interface ComparedRange extends Chunk, IndexChanges {
  /** The next bucket. */
  readonly at: number;
  /**
   * Key of an object whose own feed has keys in common with this one, at most 201 characters; only of the first range,
   * and only if there is one.
   */
  readonly shared?: string;
}

/**
 * How a file was cut. `probe`: from a window near each cut, a guess that validation confirms. `exact`: by reading the
 * whole file.
 */
export type PlanMode = 'probe' | 'exact';

export interface Plan {
  readonly mode: PlanMode;
  /** Whether the whole file has been cut. */
  readonly done: boolean;
}

/** An index in the reports bucket: the keys that a feed has in the table, each with a hash of its item. */
export interface StoredIndex {
  /** Id of the load that wrote it. */
  readonly id: string;
  /** Whether that load is complete. */
  readonly complete: boolean;
  /** Number of its entries. */
  readonly keys: number;
  /** Decides in which bucket a key is. */
  readonly salt: string;
  /** Identifies the table and the items that are in it: where it differs, no hash of the index is valid. */
  readonly table: string;
}

/** What a load is compared with, as of the claim of its upload. */
export interface Feed {
  /** Id in the ledger of the load that began last; null if none has. */
  readonly last: string | null;
  /** What the feed has in the table, as far as it is known; null if nothing is. */
  readonly base: StoredIndex | null;
  /** As {@link StoredIndex.salt}, for the index of this load, and for its keys. */
  readonly salt: string;
  /** As {@link StoredIndex.table}, for this load. */
  readonly table: string;
  /** Whether all rows are written, whatever the index says. */
  readonly force: boolean;
  /** Whether the load may remove more keys than its dataset allows. */
  readonly allowRemovals: boolean;
}

/** What every function after FetchCsv works on. */
export interface Job {
  /** The execution's name, for log lines and the report's key. */
  readonly execution: string;
  readonly source: Source;
  readonly format: Format;
  /** Null if the dataset has no index. */
  readonly feed: Feed | null;
}

/** A {@link Job} on one chunk. */
export interface ChunkJob extends Job {
  readonly chunk: Chunk;
}

export interface FetchEvent {
  /** As {@link Job.execution}. */
  readonly execution: string;
  /** When the execution started, in ISO 8601. Absent if its definition is from before the functions had versions. */
  readonly started?: string;
  /** The execution's input, unchecked. */
  readonly input: unknown;
}

/** Requests an exact plan, or the rest of one. */
export interface ScanEvent extends Job {
  readonly plan: Plan;
  readonly chunks: readonly Chunk[];
}

/** The execution has claimed the upload and planned its chunks. */
export interface PlannedUpload extends FetchResult {
  readonly outcome: 'plan';
}

/** The execution has not claimed the upload. This is its output, unless the outcome is `wait`. */
export interface NotClaimedResult {
  readonly outcome: 'already-loaded' | 'superseded' | 'wait';
  readonly source_bucket: string;
  readonly source_key: string;
  readonly message: string;
  /** What the ledger records of the object, or of its dataset. */
  readonly recorded: {
    readonly status: string;
    readonly execution: string;
    /** Of the object whose upload counts, if all files of the dataset are one feed. */
    readonly source_key?: string;
    readonly version_id: string | null;
    readonly etag: string;
    /** When the recorded upload was claimed, in ISO 8601. */
    readonly claimed: string;
    readonly ended: string | null;
  } & { readonly [Count in keyof RowCounts]?: RowCounts[Count] | undefined };
}

export interface FetchResult extends Pick<Job, 'source' | 'format' | 'feed'> {
  readonly plan: Plan;
  readonly chunks: readonly Chunk[];
}

export interface ValidateEvent extends Job {
  /** Has no counts until an invocation has worked on it. */
  readonly chunk: Chunk & Partial<ValidatedChunk>;
}

export interface JudgeEvent extends Job {
  readonly plan: Plan;
  readonly chunks: readonly ValidatedChunk[];
}

/**
 * What happens to a file once its rows are validated.
 * - `load`: all rows are loaded.
 * - `report`: some rows are rejected or earlier duplicates. They are reported before the other rows are loaded, or
 *   before the execution fails.
 * - `find-duplicates`: the keys of the chunks, or the values of unique columns, must be compared first.
 * - `cut-again`: the chunks do not fit together, so the file is cut again.
 * - `decode-again`: the file is not UTF-8, so it is validated again as windows-1252.
 */
export type Outcome = 'load' | 'report' | 'find-duplicates' | 'cut-again' | 'decode-again';

export interface Verdict {
  readonly outcome: Outcome;
  /** Writes per second that each iteration of the load may make; null for as many as the table accepts. */
  readonly writesPerSecond: number | null;
  readonly read: number;
  /** As {@link ValidatedChunk.blank}. */
  readonly blank: number;
  /** Rows of the footer; not part of `read`. */
  readonly footer: number;
  /** Byte at which the footer begins; the size of the file if it has none. */
  readonly dataEnd: number;
  readonly rejected: number;
  /**
   * Earlier duplicates found so far: rows whose key a later row has, which the dataset may reject; then, for each of the
   * dataset's unique columns, the other rows whose value a later row has.
   */
  readonly repeated: readonly number[];
  readonly duplicates: number;
  /** First bucket that is still to be compared; those of the unique columns follow those of the keys. */
  readonly bucket: number;
  /** What is to be compared with the feed's index; empty if the dataset has none. */
  readonly compared: readonly ComparedRange[];
  /** Whether the dataset tolerates the number of rejected rows. */
  readonly accepted: boolean;
  /** When the verdict was reached, in ISO 8601. */
  readonly judged: string;
  readonly report: ReportProgress;
}

/** A rejected row as states carry it: without any content of the row itself. */
export interface RejectSummary {
  /** Physical line of the file, the first being 1. */
  readonly line: number;
  readonly column: string | null;
  readonly code: RejectCode;
  readonly reason: string;
}

/** A position in a chunk: the byte of a record, and the numbers of records and physical lines in front of it. */
export interface WithinChunk {
  readonly at: number;
  readonly row: number;
  readonly lines: number;
}

/** The lists of a report, in the order in which they are written. */
export type ListName = 'rejected' | 'duplicates';

/** How far the report has got. */
export interface ReportProgress {
  readonly done: boolean;
  /** The list that is being written. */
  readonly list: ListName;
  /** Rows in that list so far. */
  readonly listed: number;
  /** Index of the chunk whose rows come next. */
  readonly chunk: number;
  /** Index of the next part of that chunk's rows. */
  readonly part: number;
  /** Where to resume within that part, if it is the one that reads the chunk again. */
  readonly within: WithinChunk | null;
  /** Physical lines in front of that chunk. */
  readonly lines: number;
  /** Number of files of each list. */
  readonly files: Readonly<Record<ListName, number>>;
  /** The first rejected rows; at most 5. */
  readonly first: readonly RejectSummary[];
}

export interface DuplicatesEvent extends Job {
  readonly chunks: readonly ValidatedChunk[];
  readonly verdict: Verdict;
}

export interface CompareEvent extends DuplicatesEvent {
  /** As in {@link ValidateEvent}. */
  readonly chunk: Chunk & Partial<ComparedRange>;
}

export interface ReportEvent extends DuplicatesEvent {
  /** When the execution started, in ISO 8601. */
  readonly started: string;
}

export interface LoadEvent extends Job {
  /** As in {@link ValidateEvent}. */
  readonly chunk: Chunk & Partial<LoadedChunk>;
  readonly writesPerSecond: number | null;
  /** As {@link Verdict.repeated}. */
  readonly repeated: readonly number[];
  /** As {@link Verdict.dataEnd}. */
  readonly dataEnd: number;
}

export interface ReconcileEvent extends Omit<ReportEvent, 'chunks'> {
  readonly removal: Removal;
  /** Null if the dataset wants no list of changes. */
  readonly changes: ChangesProgress | null;
  readonly chunks: readonly LoadedChunk[];
}

/** A load that has begun. */
export interface BegunLoad {
  /** Its id in the ledger. */
  readonly load: string;
}

/** How far the removal of keys that the file lacks has got. */
export interface Removal {
  readonly done: boolean;
  /** Number of keys that are to be removed. */
  readonly expected: number;
  /** Number of keys whose removal DynamoDB has confirmed. */
  readonly removed: number;
  /** Index of the list of keys that comes next. */
  readonly list: number;
  /** Number of keys of that list that are removed. */
  readonly key: number;
  /** Whether a part of the feed's index was missing, so that the file may lack other keys that the table has. */
  readonly forgets: boolean;
}

/** How far the list of the keys that a load changes has got. */
export interface ChangesProgress {
  readonly done: boolean;
  /** Number of keys that are to be listed. */
  readonly expected: number;
  /** Number of keys that are listed. */
  readonly listed: number;
  /** Index of the list of CompareIndex that comes next. */
  readonly list: number;
  /** Number of files. */
  readonly files: number;
}

export interface ChangesEvent extends Job, BegunLoad {
  readonly changes: ChangesProgress;
}

export interface RemoveEvent extends Job, BegunLoad {
  readonly removal: Removal;
}

export interface BeginEvent extends Job, Pick<Verdict, 'read' | 'rejected' | 'duplicates'> {
  /** As {@link Verdict.compared}. */
  readonly compared: readonly ComparedRange[];
}

/**
 * The load has begun, or another execution is still writing rows of the object, or another load has begun since the rows
 * were compared; they are then to be compared with that one's index.
 */
export type BeginResult =
  | ({
      readonly ready: true;
      readonly removal: Removal;
      /** As {@link ReconcileEvent.changes}. */
      readonly changes: ChangesProgress | null;
    } & BegunLoad)
  | { readonly ready: false; readonly feed: Feed | null };

/** Rows of a file: each that is read is in exactly one of the other counts. And keys, if the dataset has an index. */
export interface RowCounts extends WriteCounts, KeyCounts {
  readonly read: number;
  readonly rejected: number;
  /** As {@link LoadedChunk.duplicates}. */
  readonly duplicates: number;
}

/** The output of an execution that has loaded its upload. */
export interface PipelineResult extends RowCounts {
  readonly outcome: 'loaded';
  readonly source_bucket: string;
  readonly source_key: string;
  readonly dataset: string;
  readonly encoding: Encoding;
  readonly delimiter: string;
  /** Rows in which every cell is blank; not part of `read`. */
  readonly blank: number;
  /** Rows of the footer; not part of `read`. */
  readonly footer: number;
  /** Key of `report.json` in the reports bucket. */
  readonly report: string;
  /** Keys of the first file of rejected rows, and of duplicates, in the reports bucket. */
  readonly rejected_rows: string | null;
  readonly duplicate_rows: string | null;
  /**
   * If each object is a feed of its own: the key of another object of the dataset that has keys in common with this one,
   * or the end of the key; null if none was found.
   */
  readonly shares_keys_with?: string | null;
  /** Key of the first file that lists changes, if the dataset wants a list; null if there are none. */
  readonly changes?: string | null;
  /** As {@link ReportProgress.first}. */
  readonly first_rejected: readonly RejectSummary[];
  /** As {@link Format.ignored}. */
  readonly ignored_columns: readonly string[];
  /** As {@link Format.warnings}. */
  readonly warnings: readonly string[];
}
