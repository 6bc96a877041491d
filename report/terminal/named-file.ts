/** Checks files that are named on the command line, before any work starts. */

import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from './errors.ts';

/**
 * @returns the file's size in bytes
 * @throws UsageError when the file cannot be read.
 */
export async function readableSize(file: string): Promise<number> {
  try {
    const handle = await open(file);
    const stats = await handle.stat().finally(() => handle.close());
    if (stats.isFile()) return stats.size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new UsageError(`${file} does not exist.`);
    }
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  throw new UsageError(`${file} is not a file.`);
}

/**
 * Checks that a file can be written, without writing it: whether there will be something to write is not known yet.
 * @param input an existing file that the output must not replace
 * @throws UsageError when the file cannot be written.
 */
export async function checkWritable(file: string, input: string): Promise<void> {
  const existing = await stat(file).catch(() => undefined);
  const { dev, ino } = await stat(input);
  if (existing?.dev === dev && existing.ino === ino) {
    throw new UsageError(`${file} is the file to load, and the items would replace it. Choose another file.`);
  }
  if (existing !== undefined && !existing.isFile()) throw new UsageError(`${file} is not a file.`);
  try {
    await access(existing === undefined ? dirname(file) : file, constants.W_OK);
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : error}`);
  }
}
