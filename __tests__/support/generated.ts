/** Generates datasets from samples, imports them as modules, and reads the samples with them. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { check } from '../../functions/core/csv/check.ts';
import { detectFormat } from '../../functions/core/csv/detect.ts';
import { type CsvRecord, readRecords } from '../../functions/core/csv/records.ts';
import { readText } from '../../functions/core/csv/text.ts';
import { NumberValue } from '../../functions/core/dataset/columns.ts';
import type { Dataset, Rejection, StoredItem } from '../../functions/core/dataset/dataset.ts';
import type { Format, TextKind } from '../../functions/core/messages.ts';
import { isWindows1252 } from '../../functions/core/steps/judge.ts';
import { textWith } from '../../functions/core/steps/validate.ts';
import { datasetSource, variableOf } from '../../tools/new-dataset/dataset-source.ts';
import { type Draft, draftDataset, nameAfter } from '../../tools/new-dataset/draft-dataset.ts';
import type { Limits } from '../../tools/new-dataset/sample.ts';
import { reader } from './bytes.ts';

const root = join(__dirname, '../..');

export interface Generated {
  readonly draft: Draft;
  readonly source: string;
  readonly dataset: Dataset;
  /** The result of the whole file, read as the pipeline reads it. */
  readonly items: readonly StoredItem[];
  readonly rejections: readonly Rejection[];
}

/** A folder for samples and generated modules, in the project so that the modules' imports resolve. */
export class Generator {
  readonly folder: string;
  #modules = 0;

  constructor() {
    mkdirSync(join(root, 'reports'), { recursive: true });
    this.folder = mkdtempSync(join(root, 'reports/generated-'));
  }

  write(name: string, content: string | Buffer): string {
    const file = join(this.folder, name);
    writeFileSync(file, content);
    return file;
  }

  async fromFile(file: string, limits?: Limits): Promise<Generated> {
    const name = nameAfter(file);
    const draft = await draftDataset(file, name, limits);
    const source = datasetSource(draft.text, relative(this.folder, join(root, 'functions/core')));
    this.#modules += 1;
    const module: unknown = await import(this.write(`${name}-${this.#modules}.ts`, source));
    const dataset = exported(module, variableOf(name));
    return { draft, source, dataset, ...(await readAll(readFileSync(file), dataset)) };
  }

  /** @param content of the sample. */
  from(content: string | Buffer, limits?: Limits): Promise<Generated> {
    return this.fromFile(this.write('sample.csv', content), limits);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function exported(module: unknown, variable: string): Dataset {
  const found = Object.entries(Object(module)).find(([name]) => name === variable)?.[1];
  if (!isDataset(found)) throw new Error(`The module has no dataset ${variable}.`);
  return found;
}

function isDataset(value: unknown): value is Dataset {
  return typeof value === 'object' && value !== null && 'toItem' in value;
}

async function readAll(bytes: Buffer, dataset: Dataset) {
  const file = { read: reader(bytes), size: bytes.length, name: 'the file' };
  const { format } = await detectFormat(file, dataset);
  const pieces: Buffer[] = [];
  for await (const piece of readText(file, format)) pieces.push(piece);
  const text = Buffer.concat(pieces);
  const first = await recordsOf(text, format);
  const kind = first.reduce<TextKind>(textWith, 'ascii');
  const isDecodedAgain = await isWindows1252(file, format, [kind], dataset);
  const records = isDecodedAgain ? await recordsOf(text, { ...format, encoding: 'windows-1252' }) : first;
  const checked = records.map((record) => check(record, format, dataset));
  return {
    items: checked.flatMap((each) => ('item' in each ? [each.item] : [])),
    rejections: checked.flatMap((each) => ('item' in each ? [] : [each.rejection])),
  };
}

async function recordsOf(text: Buffer, format: Format): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  const part = { start: format.headerEnd, end: text.length, size: text.length };
  for await (const batch of readRecords(reader(text), part, format)) records.push(...batch.records);
  return records;
}

/** The values of an attribute in the items. A number with a fraction is an object with its digits as a string. */
export function valuesOf(items: readonly StoredItem[], name: string): unknown[] {
  return items.map(({ [name]: value }) => (value instanceof NumberValue ? { digits: value.value } : value));
}

/** The rest of a line of the source, without its beginning and its comma. */
export function lineOf(source: string, beginning: string): string | undefined {
  return source
    .split('\n')
    .find((line) => line.startsWith(beginning))
    ?.slice(beginning.length, -1);
}
