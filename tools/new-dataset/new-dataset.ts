/** A first dataset, guessed from a sample. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { datasetNames } from '../../datasets/index.ts';
import { DecompressionError, HeaderError, NotCsvError } from '../../functions/core/errors.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { datasetSource, variableOf } from './dataset-source.ts';
import { checkName, type Draft, draftDataset, nameAfter } from './draft-dataset.ts';
import { counted } from './guess-column.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface NewDatasetOptions {
  /** The dataset's name; by default derived from the file's name. */
  readonly name?: string;
  /** The file to write; `datasets/NAME.ts` by default. */
  readonly out?: string;
}

/** A dataset that was written. */
export interface NewDataset {
  readonly draft: Draft;
  /** The file that was written. */
  readonly out: string;
}

/**
 * Writes a first dataset, guessed from a sample of its files.
 * @throws UsageError when the sample cannot be read, or the dataset cannot be written.
 */
export async function newDataset(file: string, options: NewDatasetOptions): Promise<NewDataset> {
  const name = options.name ?? nameAfter(file);
  checkName(name);
  if (datasetNames.includes(name)) {
    throw new UsageError(
      `The dataset ${JSON.stringify(name)} already exists. Choose another name with --name.`,
    );
  }
  const out = resolve(options.out ?? join(ROOT, 'datasets', `${name}.ts`));
  // Checked before the work too, and not only when the file is written.
  if (existsSync(out)) throw exists(out);
  const draft = await drafted(file, name);
  const core = relative(dirname(out), join(ROOT, 'functions/core')).replaceAll('\\', '/');
  const source = formatted(datasetSource(draft.text, core.startsWith('.') ? core : `./${core}`));
  await write(out, source);
  return { draft, out };
}

/** If the pipeline would refuse the sample, that is an error for the person who chose it. */
async function drafted(file: string, name: string): Promise<Draft> {
  try {
    return await draftDataset(file, name);
  } catch (error) {
    if (error instanceof HeaderError || error instanceof NotCsvError || error instanceof DecompressionError) {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
}

function exists(out: string): UsageError {
  return new UsageError(
    `${shown(out)} already exists, and is not overwritten. Choose another name with --name.`,
  );
}

async function write(out: string, source: string): Promise<void> {
  try {
    await writeFile(out, source, { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw exists(out);
    throw new UsageError(
      `${shown(out)} cannot be written: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Formats the source as the project's formatter does. */
function formatted(source: string): string {
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'format', '--stdin-file-path=datasets/dataset.ts'],
    { cwd: ROOT, input: source, encoding: 'utf8', maxBuffer: Number.POSITIVE_INFINITY },
  );
  if (status !== 0) throw new Error(`The source could not be formatted: ${stderr}`);
  return stdout;
}

/** What was written, and what is left to do. */
export function summary({ draft, out }: NewDataset, file: string): string {
  const {
    text: { name, columns },
    rows,
    warnings,
  } = draft;
  const variable = variableOf(name);
  const quoted = /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`;
  const lines = [
    `${shown(out)}: ${counted(columns.length, 'column')}, guessed from ${counted(rows, 'row')}. A comment says what each guess is based on.`,
    ...warnings.map((warning) => `Warning: ${warning}`),
    '',
    'What is left to do:',
    `  1. list ${variable} in datasets/index.ts`,
    `  2. add ${JSON.stringify(name)} with a prefix to the datasets of your environment, and to those of environments/local.ts`,
    `  3. run npx csv-pipeline check ${quoted} --dataset ${name}`,
  ];
  return `${lines.join('\n')}\n`;
}

function shown(path: string): string {
  return relative(process.cwd(), path);
}
