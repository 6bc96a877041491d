import { createReadStream } from 'node:fs';

/** The bytes `start` up to but not including `end` of a file on this machine, in pieces. */
export async function* fileBytes(path: string, start: number, end: number): AsyncGenerator<Buffer, void> {
  // A stream cannot be asked for no bytes.
  if (start < end) yield* createReadStream(path, { start, end: end - 1 });
}
