/** Reads a file with the code that the pipeline's functions run one after the other. */

import { check } from '../../../functions/core/csv/check.ts';
import { detectFormat } from '../../../functions/core/csv/detect.ts';
import { planByProbe, planByScan } from '../../../functions/core/csv/plan.ts';
import { type CsvRecord, readRecords } from '../../../functions/core/csv/records.ts';
import { readText } from '../../../functions/core/csv/text.ts';
import type { Dataset, Rejection, StoredItem } from '../../../functions/core/dataset/dataset.ts';
import { isFooter } from '../../../functions/core/dataset/file-format/footer.ts';
import { isBlank } from '../../../functions/core/dataset/row-kinds.ts';
import type { Chunk, Format, TextKind } from '../../../functions/core/messages.ts';
import { isWindows1252 } from '../../../functions/core/steps/judge.ts';
import { textWith } from '../../../functions/core/steps/validate.ts';
import { reader } from '../bytes.ts';

/** How a file is read. */
export interface ReadOptions {
  /** Size in bytes of the pieces of the file's stream. */
  readonly pieceBytes: number;
  /** Minimum size of a chunk in bytes; a single chunk by default. */
  readonly minChunkBytes?: number;
  /** Size in bytes of the window that is probed for the start of a chunk; by default the whole file is scanned. */
  readonly window?: number;
  /** Whether time runs out after each piece in which a record ends, so that reading resumes after it. */
  readonly stopsOften?: boolean;
}

export interface Reading {
  /** The file decompressed and as UTF-8; positions in `format`, `records` and `chunks` refer to it. */
  readonly text: Buffer;
  readonly format: Format;
  /** Their `line` is the physical line of the file, from 1. */
  readonly records: readonly CsvRecord[];
  readonly items: readonly StoredItem[];
  readonly rejects: readonly (Rejection & { readonly line: number })[];
  /** Number of records in which every cell is blank. */
  readonly blank: number;
  /** Number of records in the footer. */
  readonly footer: number;
  /** Number of physical lines in the file. */
  readonly lines: number;
  readonly chunks: readonly Chunk[];
  /** Whether each chunk's last record ends where the next chunk starts. */
  readonly isProven: boolean;
}

/** @throws HeaderError, NotCsvError or DecompressionError, as the functions do. */
export async function readFile(bytes: Buffer, dataset: Dataset, options: ReadOptions): Promise<Reading> {
  const { pieceBytes, minChunkBytes = bytes.length * 1_000, window } = options;
  const file = { read: reader(bytes, pieceBytes), size: bytes.length, name: 'the file' };
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
  const result = await readChunks(text, format, dataset, chunks, options);
  if (!(await isWindows1252(file, format, result.textKinds, dataset))) return result;
  return readChunks(text, { ...format, encoding: 'windows-1252' }, dataset, chunks, options);
}

async function readChunks(
  text: Buffer,
  format: Format,
  dataset: Dataset,
  chunks: readonly Chunk[],
  options: ReadOptions,
): Promise<Reading & { readonly textKinds: readonly TextKind[] }> {
  const records: CsvRecord[] = [];
  const textKinds: TextKind[] = [];
  const items: StoredItem[] = [];
  const rejects: (Rejection & { line: number })[] = [];
  let lines = format.headerLines;
  let isProven = true;
  let blank = 0;
  let footer = 0;
  for (const chunk of chunks) {
    const part = await readChunk(text, chunk, format, options);
    textKinds.push(part.records.reduce(textWith, 'ascii' as TextKind));
    for (const each of part.records) {
      const record = { ...each, fields: each.fields, line: lines + each.line + 1 };
      records.push(record);
      if (isBlank(record.fields)) {
        blank += 1;
        continue;
      }
      if (footer > 0 || isFooter(record.fields, dataset.footer)) {
        footer += 1;
        continue;
      }
      const checked = check(record, format, dataset);
      if ('item' in checked) items.push(checked.item);
      else rejects.push({ ...checked.rejection, line: record.line });
    }
    lines += part.lines;
    isProven &&= part.at === chunk.end;
  }
  return { text, format, records, textKinds, items, rejects, blank, footer, lines, chunks, isProven };
}

/** Reads the records of a chunk, in one call or in many. */
async function readChunk(
  text: Buffer,
  { start, end }: Chunk,
  format: Format,
  { pieceBytes, stopsOften = false }: ReadOptions,
): Promise<{ readonly records: readonly CsvRecord[]; readonly lines: number; readonly at: number }> {
  const records: CsvRecord[] = [];
  let lines = 0;
  let at = start;
  while (at < end) {
    const from = at;
    let linesRead = 0;
    const batches = readRecords(reader(text, pieceBytes), { start: from, end, size: text.length }, format);
    for await (const batch of batches) {
      for (const record of batch.records)
        records.push({ ...record, fields: record.fields, line: lines + record.line });
      linesRead = batch.lines;
      at = batch.at ?? end + 1;
      if (stopsOften && at > from && at < end) break;
    }
    if (at === from) throw new Error(`Reading makes no progress at byte ${from} and would never end.`);
    lines += linesRead;
  }
  return { records, lines, at };
}
