/** A first dataset, guessed from a sample. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { datasetNames } from '../../datasets/index.ts';
import { environment } from '../../environments/index.ts';
import { datasetPrefix } from '../../environments/schema.ts';
import { DecompressionError, HeaderError, NotCsvError } from '../../functions/core/errors.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { counted } from './column/guess-column.ts';
import { datasetSource, variableOf } from './dataset-source.ts';
import { checkName, type Draft, draftDataset, nameAfter } from './draft-dataset.ts';
import { type SourceFile, withDataset, withPrefix } from './list-dataset.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface NewDatasetOptions {
  /** The dataset's name; by default derived from the file's name. */
  readonly name?: string;
  /** The file to write; `datasets/NAME.ts` by default. */
  readonly out?: string;
  /** Whether the dataset is listed in `datasets/index.ts` and named in the environment `local`. */
  readonly add?: boolean;
  /** The prefix of its files' keys in that environment; the dataset's name and a slash by default. */
  readonly prefix?: string;
}

/** A dataset that was written. */
export interface NewDataset {
  readonly draft: Draft;
  /** The file that was written. */
  readonly out: string;
  /** Whether it can be used. */
  readonly isAdded: boolean;
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
  const isAdded = options.add ?? false;
  const edits = isAdded ? await listings(name, options.prefix ?? `${name}/`) : [];
  const draft = await drafted(file, name);
  const core = relative(dirname(out), join(ROOT, 'functions/core')).replaceAll('\\', '/');
  const source = formatted(datasetSource(draft.text, core.startsWith('.') ? core : `./${core}`));
  await write(out, source);
  try {
    await replaceAll(edits);
  } catch (error) {
    await rm(out);
    throw error;
  }
  return { draft, out, isAdded };
}

/**
 * The sources that list a dataset, with this one too.
 * @throws UsageError if the prefix is invalid or taken, or a source cannot be extended
 */
async function listings(name: string, prefix: string): Promise<readonly Replacement[]> {
  const { success, error } = datasetPrefix.safeParse(prefix);
  if (!success) throw new UsageError(`The prefix ${error.issues.map(({ message }) => message).join(', ')}.`);
  const [owner] = Object.entries(environment('local').datasets).find(([, each]) => each === prefix) ?? [];
  if (owner !== undefined) {
    throw new UsageError(
      `The prefix ${JSON.stringify(prefix)} already belongs to the dataset ${JSON.stringify(owner)} in environments/local.ts. Choose another one with --prefix.`,
    );
  }
  const edited = async (path: string, edit: (file: SourceFile) => string): Promise<Replacement> => {
    const before = await readFile(join(ROOT, path), 'utf8');
    return { path: join(ROOT, path), before, after: formatted(edit({ path, source: before })) };
  };
  return [
    await edited('datasets/index.ts', (file) => withDataset(file, variableOf(name), `./${name}.ts`)),
    await edited('environments/local.ts', (file) => withPrefix(file, 'local', name, prefix)),
  ];
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
    throw cannotWrite(out, error);
  }
}

/** A file's source before and after an edit. */
export interface Replacement {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Replaces the sources of all files, or of none.
 * @throws UsageError if one of them cannot be written
 */
export async function replaceAll(files: readonly Replacement[]): Promise<void> {
  for (const [index, { path, after }] of files.entries()) {
    try {
      await writeFile(path, after);
    } catch (error) {
      for (const done of files.slice(0, index)) await writeFile(done.path, done.before);
      throw cannotWrite(path, error);
    }
  }
}

function cannotWrite(path: string, error: unknown): UsageError {
  return new UsageError(
    `${shown(path)} cannot be written: ${error instanceof Error ? error.message : error}`,
  );
}

/** Formats the source and sorts its imports, as the project's formatter does. */
function formatted(source: string): string {
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'check', '--write', '--linter-enabled=false', '--stdin-file-path=datasets/dataset.ts'],
    { cwd: ROOT, input: source, encoding: 'utf8', maxBuffer: Number.POSITIVE_INFINITY },
  );
  if (status !== 0) throw new Error(`The source could not be formatted: ${stderr}`);
  return stdout;
}

/**
 * What was written, and what is left to do.
 * @param file the sample
 */
export function summary({ draft, out, isAdded, file }: NewDataset & { readonly file: string }): string {
  const {
    text: { name, columns },
    rows,
    warnings,
  } = draft;
  const quoted = /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`;
  const lines = [
    `${shown(out)}: ${counted(columns.length, 'column')}, guessed from ${counted(rows, 'row')}. A comment says what each guess is based on.`,
    ...warnings.map((warning) => `Warning: ${warning}`),
    '',
    ...(isAdded
      ? [
          `datasets/index.ts lists it, and environments/local.ts has its prefix. To load the file on this machine:`,
          `  npx csv-pipeline run ${quoted} --dataset ${name}`,
        ]
      : [
          'What is left to do:',
          `  1. list ${variableOf(name)} in datasets/index.ts`,
          `  2. add ${JSON.stringify(name)} with a prefix to the datasets of your environment, and to those of environments/local.ts`,
          `  3. run npx csv-pipeline check ${quoted} --dataset ${name}`,
        ]),
  ];
  return `${lines.join('\n')}\n`;
}

function shown(path: string): string {
  return relative(process.cwd(), path);
}
