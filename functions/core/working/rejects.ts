/**
 * Rejected rows, as validation hands them to the report. Each chunk writes them to numbered objects in the reports
 * bucket's working area, one JSON line per row. They cannot go into the report directly, because a chunk does not know
 * its first physical line until all chunks in front of it are counted.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import { type Reject, reject } from '../csv/report-rows.ts';
import { readObject, writeObject } from '../storage/own-objects.ts';

/** Bytes of JSON lines that are buffered before they are written. */
const PART_BYTES = 4 * 1024 * 1024;

/** Where the rejects of a chunk are. */
export interface RejectLocation {
  readonly bucket: string;
  readonly execution: string;
  /** The chunk's first byte. */
  readonly chunkStart: number;
}

function partKey({ execution, chunkStart }: RejectLocation, part: number): string {
  return `working/${execution}/rejects/${chunkStart}-${part}.jsonl`;
}

/** Writes the rejects of a chunk. Holds at most {@link PART_BYTES} and one row. */
export class RejectWriter {
  readonly #s3: S3Client;
  readonly #location: RejectLocation;
  #lines: string[] = [];
  #bytes = 0;
  #parts: number;

  /** @param parts objects that an earlier invocation wrote for the chunk. */
  constructor(s3: S3Client, location: RejectLocation, parts: number) {
    this.#s3 = s3;
    this.#location = location;
    this.#parts = parts;
  }

  async add(reject: Reject): Promise<void> {
    const line = JSON.stringify(reject);
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= PART_BYTES) await this.#write();
  }

  /** Writes the buffered rejects and returns the number of objects. */
  async close(): Promise<number> {
    if (this.#lines.length > 0) await this.#write();
    return this.#parts;
  }

  async #write(): Promise<void> {
    const key = partKey(this.#location, this.#parts);
    await writeObject(this.#s3, { bucket: this.#location.bucket, key }, `${this.#lines.join('\n')}\n`);
    this.#parts += 1;
    this.#lines = [];
    this.#bytes = 0;
  }
}

/**
 * Reads one object of rejects, in their order in the file.
 * @throws ServiceUnavailableError when S3 does not answer.
 * @throws ZodError when a line is not what {@link RejectWriter} writes.
 */
export async function readRejects(s3: S3Client, location: RejectLocation, part: number): Promise<Reject[]> {
  const text = (await readObject(s3, { bucket: location.bucket, key: partKey(location, part) })).toString();
  return text.split('\n').flatMap((line) => (line === '' ? [] : [reject.parse(JSON.parse(line))]));
}
