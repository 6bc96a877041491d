import { createReadStream } from 'node:fs';

/** The bytes `start` up to but not including `end` of a file on this machine, in pieces. */
export async function* fileBytes(path: string, start: number, end: number): AsyncGenerator<Buffer, void> {
  // A stream cannot be asked for no bytes.
  if (start < end) yield* createReadStream(path, { start, end: end - 1 });
}

/** The bytes after the first `start`. */
export async function* skipBytes(bytes: AsyncIterable<Buffer>, start: number): AsyncGenerator<Buffer, void> {
  let position = 0;
  for await (const piece of bytes) {
    const from = Math.max(0, start - position);
    position += piece.length;
    if (from < piece.length) yield piece.subarray(from);
  }
}
