/** A file to read from: an S3 object or a local file. */
export interface StoredFile {
  readonly read: ReadBytes;
  /** Bytes. */
  readonly size: number;
  /** The file's name for messages: an S3 URI or a path. */
  readonly name: string;
}

/** Reads the bytes `start` up to but not including `end` of a file. */
export type ReadBytes = (start: number, end: number) => AsyncIterable<Buffer>;
