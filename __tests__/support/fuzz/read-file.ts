/** Reads a file with the core, as the pipeline's functions do one after the other. */

import { check } from '../../../functions/core/csv/check.ts';
import { detectFormat } from '../../../functions/core/csv/detect.ts';
import { planByProbe, planByScan } from '../../../functions/core/csv/plan.ts';
import { type CsvRecord, readRecords } from '../../../functions/core/csv/records.ts';
import { readText } from '../../../functions/core/csv/text.ts';
import type { Dataset, Rejection, StoredItem } from '../../../functions/core/dataset/dataset.ts';
import type { Chunk, Format, TextKind } from '../../../functions/core/messages.ts';
import { isWindows1252 } from '../../../functions/core/steps/judge.ts';
import { textWith } from '../../../functions/core/steps/validate.ts';
import { reader } from '../bytes.ts';

/** How to read a file. */
export interface Manner {
  /** Size of the pieces in which the file is streamed, in bytes. */
  readonly pieceBytes: number;
  /** Minimum size of a chunk, in bytes; without it, there is a single chunk. */
  readonly minChunkBytes?: number;
  /** Size of the window in which to find the start of a chunk, in bytes; without it, the whole file is read. */
  readonly window?: number;
  /** Whether the time runs out after each piece in which a record ends, so that the next call resumes after it. */
  readonly stopsOften?: boolean;
}

export interface Reading {
  /**
   * The file decompressed and converted from UTF-16, to which the positions in `format`, `records` and `chunks` refer.
   */
  readonly text: Buffer;
  readonly format: Format;
  /** Their `line` is the physical line in the file, the first being 1. */
  readonly records: readonly CsvRecord[];
  readonly items: readonly StoredItem[];
  readonly rejects: readonly (Rejection & { readonly line: number })[];
  /** Number of physical lines in the file. */
  readonly lines: number;
  readonly chunks: readonly Chunk[];
  /** Whether each chunk's last record ends where the next chunk starts. */
  readonly isProven: boolean;
}

/** @throws HeaderError, NotCsvError, DecompressionError like the functions. */
export async function readFile(bytes: Buffer, dataset: Dataset, manner: Manner): Promise<Reading> {
  const { pieceBytes, minChunkBytes = bytes.length * 1_000, window } = manner;
  const file = { read: reader(bytes, pieceBytes), size: bytes.length, place: 'the file' };
  const { format } = await detectFormat(file, dataset);
  const pieces: Buffer[] = [];
  for await (const piece of readText(file, format)) pieces.push(piece);
  const text = Buffer.concat(pieces);

  const read = reader(text, pieceBytes);
  const body = { ...format, start: format.headerEnd, size: text.length };
  const limits = { maxChunks: 1_000, minChunkBytes };
  const { chunks } =
    window === undefined
      ? await planByScan(read, body, limits)
      : await planByProbe(read, body, limits, window);
  const result = await readChunks(text, format, dataset, chunks, manner);
  if (!(await isWindows1252(file, format, result.kinds, dataset))) return result;
  return readChunks(text, { ...format, encoding: 'windows-1252' }, dataset, chunks, manner);
}

async function readChunks(
  text: Buffer,
  format: Format,
  dataset: Dataset,
  chunks: readonly Chunk[],
  manner: Manner,
): Promise<Reading & { readonly kinds: readonly TextKind[] }> {
  const records: CsvRecord[] = [];
  const kinds: TextKind[] = [];
  const items: StoredItem[] = [];
  const rejects: (Rejection & { line: number })[] = [];
  let lines = format.headerLines;
  let isProven = true;
  for (const chunk of chunks) {
    const part = await readChunk(text, chunk, format, manner);
    kinds.push(part.records.reduce(textWith, 'ascii' as TextKind));
    for (const each of part.records) {
      const record = { ...each, line: lines + each.line + 1 };
      const checked = check(record, format, dataset);
      records.push(record);
      if ('item' in checked) items.push(checked.item);
      else rejects.push({ ...checked.rejection, line: record.line });
    }
    lines += part.lines;
    isProven &&= part.at === chunk.end;
  }
  return { text, format, records, kinds, items, rejects, lines, chunks, isProven };
}

/** The records of a chunk, read in as many calls as `manner` requires. */
async function readChunk(
  text: Buffer,
  { start, end }: Chunk,
  format: Format,
  { pieceBytes, stopsOften = false }: Manner,
): Promise<{ readonly records: readonly CsvRecord[]; readonly lines: number; readonly at: number }> {
  const records: CsvRecord[] = [];
  let lines = 0;
  let at = start;
  while (at < end) {
    const from = at;
    let linesRead = 0;
    const batches = readRecords(reader(text, pieceBytes), { start: from, end, size: text.length }, format);
    for await (const batch of batches) {
      for (const record of batch.records) records.push({ ...record, line: lines + record.line });
      linesRead = batch.lines;
      at = batch.at ?? end + 1;
      if (stopsOften && at > from && at < end) break;
    }
    if (at === from) throw new Error(`Reading makes no progress at byte ${from}.`);
    lines += linesRead;
  }
  return { records, lines, at };
}
