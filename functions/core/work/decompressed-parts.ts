/**
 * Writes an unpacked file in parts into the reports bucket's working area. Apart from what reads them, because only one
 * function writes them, and esbuild keeps lib-storage, 16 KB with the requests that it makes, wherever it is imported.
 */

import { PassThrough } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { bounded, type PartsPlace, partKey } from '../csv/compressed.ts';
import { Framer, type Frames } from '../csv/framing.ts';
import { DecompressionError } from '../errors.ts';
import type { Chunk, Plan } from '../messages.ts';
import { classified } from '../storage/aws.ts';

export interface PartsSettings {
  readonly place: PartsPlace;
  readonly delimiter: string;
  /** Byte behind the header. */
  readonly start: number;
  /** The most parts. */
  readonly maxParts: number;
  /** Bytes that a part has at least. */
  readonly minPartBytes: number;
  /** Bytes that the unpacked file may have. */
  readonly maxBytes: number;
  /** Whether there is time for more. */
  readonly hasTime: () => boolean;
}

/**
 * Bytes of a part. How large the file will be is not known, so each part is a little larger than the one before, such
 * that the most parts together have the most bytes.
 */
function partBytes(index: number, { maxParts, minPartBytes, maxBytes }: PartsSettings): number {
  const growth = (2 * Math.max(0, maxBytes - maxParts * minPartBytes)) / maxParts ** 2;
  return Math.ceil(minPartBytes + (index + 1) * growth);
}

/**
 * Writes the unpacked file in parts. When the time runs out it stops behind a part, and goes on from there when it is
 * called with the parts that it gave back; what stands before is unpacked once more, but not written.
 * @param bytes the unpacked file, from its first byte on.
 * @throws DecompressionError when there are more bytes than are allowed, or no part is done in the time.
 */
export async function writeParts(
  s3: S3Client,
  bytes: AsyncIterable<Buffer>,
  done: readonly Chunk[],
  settings: PartsSettings,
  source: string,
): Promise<{ readonly chunks: Chunk[]; readonly plan: Plan; readonly size: number }> {
  const { place, maxBytes, hasTime } = settings;
  const chunks = [...done];
  const from = done.at(-1)?.end ?? settings.start;
  const framer = new Framer(settings.delimiter);
  let part: PartWriter | undefined;
  let position = 0;
  let written = from;
  const write = async (framed: Frames): Promise<void> => {
    const writeUpTo = async (end: number): Promise<void> => {
      if (end === written) return;
      part ??= new PartWriter(s3, place, written);
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
    for await (const piece of bounded(bytes, maxBytes, source)) {
      position += piece.length;
      if (position > from)
        await write(framer.push(piece.subarray(Math.max(0, piece.length - (position - from)))));
      if (hasTime()) continue;
      if (chunks.length === done.length) {
        throw new DecompressionError(
          `${source} cannot be unpacked in the time that a function has: it got to byte ${position} of the unpacked file. Raise functionMemoryMb, which makes it faster, or functionTimeoutSeconds, or upload the file unpacked.`,
        );
      }
      return { chunks, plan: { mode: 'exact', done: false }, size: 0 };
    }
    await write(framer.end());
    if (part !== undefined) chunks.push(await part.close(position));
    part = undefined;
    return { chunks, plan: { mode: 'exact', done: true }, size: position };
  } finally {
    await part?.abort();
  }
}

/** One part on its way into the bucket; holds some 5 MiB of it, which is what S3 takes at the least. */
class PartWriter {
  readonly start: number;
  readonly #stream = new PassThrough();
  readonly #upload: Upload;
  readonly #done: Promise<unknown>;

  constructor(s3: S3Client, place: PartsPlace, start: number) {
    this.start = start;
    const Key = partKey(place, start);
    this.#upload = new Upload({
      client: s3,
      queueSize: 1,
      params: { Bucket: place.bucket, Key, Body: this.#stream },
    });
    this.#done = this.#upload.done().catch((error: unknown) => {
      this.#stream.destroy();
      throw classified(error, `Writing s3://${place.bucket}/${Key}`);
    });
    // Awaited when the part is closed; until then a failure shows as a closed stream.
    this.#done.catch(() => undefined);
  }

  async write(bytes: Buffer): Promise<void> {
    // A copy: the bytes may be part of a block that is used again.
    if (this.#stream.destroyed) await this.#done;
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
