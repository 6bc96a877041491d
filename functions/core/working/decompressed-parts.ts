/**
 * Writes a decompressed file in parts into the reports bucket's working area. It is separate from the code that reads
 * the parts, because esbuild bundles lib-storage (16 KB) wherever it is imported, and only one function writes parts.
 */

import { PassThrough } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { limitBytes } from '../container/containers.ts';
import type { Delimited } from '../csv/dialect.ts';
import { Framer, type Frames } from '../csv/framing.ts';
import { type PartsLocation, partKey } from '../csv/parts.ts';
import { DecompressionError } from '../errors.ts';
import type { Chunk, Plan } from '../messages.ts';
import { classified } from '../storage/aws.ts';

export interface PartsSettings {
  readonly location: PartsLocation;
  readonly dialect: Delimited;
  /** Byte after the header. */
  readonly start: number;
  /** Maximum number of parts. */
  readonly maxParts: number;
  /** Minimum size of a part in bytes. */
  readonly minPartBytes: number;
  /** Maximum size of the decompressed file in bytes. */
  readonly maxBytes: number;
  /** Whether the function has time for more work. */
  readonly hasTime: () => boolean;
}

/**
 * Size of a part in bytes. The size of the decompressed file is unknown, so each part is slightly larger than the
 * previous one: `maxParts` parts hold `maxBytes` bytes.
 */
function partBytes(index: number, { maxParts, minPartBytes, maxBytes }: PartsSettings): number {
  const growth = (2 * Math.max(0, maxBytes - maxParts * minPartBytes)) / maxParts ** 2;
  return Math.ceil(minPartBytes + (index + 1) * growth);
}

/**
 * Writes the decompressed file in parts. When time runs out it stops after a part, and resumes when it is called with
 * the parts that it returned. Everything in front of that point is decompressed again, but not written.
 * @param bytes the decompressed file, from its first byte.
 * @param done the parts of earlier calls.
 * @param source the file's name for messages.
 * @throws DecompressionError when the file exceeds `maxBytes`, or when time runs out before a part is complete.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function writeParts(
  s3: S3Client,
  bytes: AsyncIterable<Buffer>,
  done: readonly Chunk[],
  settings: PartsSettings,
  source: string,
): Promise<{ readonly chunks: Chunk[]; readonly plan: Plan; readonly size: number }> {
  const { location, maxBytes, hasTime } = settings;
  const chunks = [...done];
  const from = done.at(-1)?.end ?? settings.start;
  const framer = new Framer(settings.dialect, from);
  let part: PartWriter | undefined;
  let position = 0;
  let written = from;
  const write = async (framed: Frames): Promise<void> => {
    const writeUpTo = async (end: number): Promise<void> => {
      if (end === written) return;
      part ??= new PartWriter(s3, location, written);
      await part.write(framed.bytes.subarray(written - from - framed.offset, end - from - framed.offset));
      written = end;
    };
    for (const frame of framed.frames) {
      const recordStart = from + framed.offset + frame.start;
      if (part === undefined || recordStart - part.start < partBytes(chunks.length, settings)) continue;
      await writeUpTo(recordStart);
      chunks.push(await part.close(recordStart));
      part = undefined;
    }
    await writeUpTo(from + framer.position);
  };

  try {
    for await (const piece of limitBytes(bytes, maxBytes, source)) {
      position += piece.length;
      if (position > from) {
        const added = piece.subarray(Math.max(0, piece.length - (position - from)));
        for (const framed of framer.push(added)) await write(framed);
      }
      if (hasTime()) continue;
      if (chunks.length === done.length) {
        throw new DecompressionError(
          `${source} was not decompressed before the function's timeout; it reached byte ${position} of the decompressed file. Raise functionTimeoutSeconds, raise functionMemoryMb (more memory means a faster CPU), or upload the file uncompressed.`,
        );
      }
      return { chunks, plan: { mode: 'exact', done: false }, size: 0 };
    }
    for (const framed of framer.end()) await write(framed);
    if (part !== undefined) chunks.push(await part.close(position));
    part = undefined;
    return { chunks, plan: { mode: 'exact', done: true }, size: position };
  } finally {
    await part?.abort();
  }
}

/** Uploads one part. Holds about 5 MiB of it, the smallest part of a multipart upload that S3 accepts. */
class PartWriter {
  readonly start: number;
  readonly #stream = new PassThrough();
  readonly #upload: Upload;
  readonly #done: Promise<unknown>;

  constructor(s3: S3Client, location: PartsLocation, start: number) {
    this.start = start;
    const Key = partKey(location, start);
    this.#upload = new Upload({
      client: s3,
      queueSize: 1,
      params: { Bucket: location.bucket, Key, Body: this.#stream },
    });
    this.#done = this.#upload.done().catch((error: unknown) => {
      this.#stream.destroy();
      throw classified(error, `Writing s3://${location.bucket}/${Key}`);
    });
    // The failure is thrown when the part is closed; until then it shows as a destroyed stream.
    this.#done.catch(() => undefined);
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.#stream.destroyed) await this.#done;
    // A copy, because the bytes may be part of a buffer that is reused.
    if (!this.#stream.write(Buffer.from(bytes))) {
      await Promise.race([new Promise((resolve) => this.#stream.once('drain', resolve)), this.#done]);
    }
  }

  async close(end: number): Promise<Chunk> {
    this.#stream.end();
    await this.#done;
    return { start: this.start, end };
  }

  async abort(): Promise<void> {
    await this.#upload.abort();
    this.#stream.destroy();
    await this.#done.catch(() => undefined);
  }
}
