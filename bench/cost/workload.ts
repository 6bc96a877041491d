import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Dataset } from '../../functions/core/dataset/dataset.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { readableSize } from '../../report/terminal/named-file.ts';
import type { CostWorkload } from './cost.ts';

/** Bytes of a row, if only the file's size is known. */
const ROW_BYTES = 100;

/** Bytes at the beginning of a file in which rows are counted; the rest of the file is assumed to be like them. */
const SAMPLE_BYTES = 1e6;

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/**
 * The size and the rows of a file, or of a size such as `250MB`.
 * @throws UsageError when it is neither, or the file is compressed.
 */
export async function workloadOf(
  what: string,
  rows: number | undefined,
): Promise<Pick<CostWorkload, 'size' | 'rows'>> {
  const [, value, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]?)b?$/i.exec(what) ?? [];
  if (value !== undefined) {
    const size = Number(value) * (UNITS[unit.toLowerCase()] ?? 1);
    return { size, rows: rows ?? Math.ceil(size / ROW_BYTES) };
  }
  if (!existsSync(what)) throw new UsageError(`${what} is neither a file nor a size such as 250MB.`);
  const size = await readableSize(what);
  const sample = await beginningOf(what, Math.min(size, SAMPLE_BYTES));
  if (sample[0] === 0x1f && sample[1] === 0x8b) {
    throw new UsageError(`${what} is compressed. Give its decompressed size instead, such as 250MB.`);
  }
  const breaks = sample.toString('latin1').split('\n').length - 1;
  return { size, rows: rows ?? Math.max(1, Math.round((breaks / sample.length) * size)) };
}

async function beginningOf(file: string, length: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer;
  } finally {
    await handle.close();
  }
}

/** How the rows of a dataset are written, as far as it costs. */
export function writesOf({
  load,
  indexes,
}: Pick<Dataset, 'load' | 'indexes'>): Pick<CostWorkload, 'isBatched' | 'indexes'> {
  return { isBatched: load.actions.includes('BatchWriteItem'), indexes: indexes.length };
}
