/**
 * Rejected rows on their way to the report. Each validated chunk leaves them in numbered objects in the reports
 * bucket's working area, one JSON line a row, because no chunk knows its first physical line: that is known when all
 * chunks have been counted, and the report is put together.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import type { Rejection } from '../dataset/dataset.ts';
import { rejectCode } from '../dataset/reject-codes.ts';
import { getOwn, putOwn } from '../storage/own-objects.ts';

/** Bytes of JSON lines that are held before they are written. */
const PART_BYTES = 4 * 1024 * 1024;

const reject = z.object({
  code: rejectCode,
  column: z.nullable(z.string()),
  reason: z.string(),
  /** Physical lines before the row, counted from the chunk's start. */
  line: z.number(),
  /** The row as it stands in the file, in base64: it may not be text. */
  raw: z.string(),
  /** Where its quotes leave it open where its fields begin and end. */
  isBroken: z.exactOptional(z.boolean()),
  /** The cell that is at fault, quoted and shortened. */
  value: z.exactOptional(z.string()),
} satisfies Record<keyof Rejection, z.ZodMiniType> & z.core.$ZodLooseShape);

/** A rejected row. */
export type Reject = Readonly<z.output<typeof reject>>;

/** Where a chunk's rejects are. */
export interface RejectPlace {
  readonly bucket: string;
  readonly execution: string;
  /** The chunk's first byte. */
  readonly chunkStart: number;
}

function partKey({ execution, chunkStart }: RejectPlace, part: number): string {
  return `working/${execution}/rejects/${chunkStart}-${part}.jsonl`;
}

/** Writes a chunk's rejects, holding at most {@link PART_BYTES} and one row. */
export class RejectWriter {
  readonly #s3: S3Client;
  readonly #place: RejectPlace;
  #lines: string[] = [];
  #bytes = 0;
  #parts: number;

  /** @param parts objects that an earlier invocation wrote for the chunk. */
  constructor(s3: S3Client, place: RejectPlace, parts: number) {
    this.#s3 = s3;
    this.#place = place;
    this.#parts = parts;
  }

  async add(reject: Reject): Promise<void> {
    const line = JSON.stringify(reject);
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= PART_BYTES) await this.#write();
  }

  /** Writes what is left, and tells how many objects there are. */
  async close(): Promise<number> {
    if (this.#lines.length > 0) await this.#write();
    return this.#parts;
  }

  async #write(): Promise<void> {
    const key = partKey(this.#place, this.#parts);
    await putOwn(this.#s3, { bucket: this.#place.bucket, key }, `${this.#lines.join('\n')}\n`);
    this.#parts += 1;
    this.#lines = [];
    this.#bytes = 0;
  }
}

/**
 * Reads one of a chunk's objects with rejects again, in their order.
 * @throws ZodError when a line is not what {@link RejectWriter} writes.
 */
export async function readRejects(s3: S3Client, place: RejectPlace, part: number): Promise<Reject[]> {
  const text = (await getOwn(s3, { bucket: place.bucket, key: partKey(place, part) })).toString();
  return text.split('\n').flatMap((line) => (line === '' ? [] : [reject.parse(JSON.parse(line))]));
}
