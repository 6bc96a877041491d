/** `npm run new-dataset`: a first dataset, guessed from a sample. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Argument, Command, CommanderError, Option } from 'commander';
import { datasetNames } from '../../datasets/index.ts';
import { DecompressionError, HeaderError, NotCsvError } from '../../functions/core/errors.ts';
import { NotRunError, UsageError } from '../../report/terminal/errors.ts';
import { datasetSource, variableOf } from './dataset-source.ts';
import { checkName, type Draft, draftDataset, nameAfter } from './draft-dataset.ts';
import { counted } from './guess-column.ts';

const WRITTEN = 0;
const NOT_RUN = 2;

const ROOT = join(import.meta.dirname, '../..');

interface Options {
  readonly name?: string;
  readonly out?: string;
}

async function main(args: readonly string[]): Promise<number> {
  const command = new Command('npm run new-dataset --')
    .description('Writes a first dataset, guessed from a sample of its files, for a person to go on with.')
    .addArgument(new Argument('<file>', 'the sample, a CSV file'))
    .addOption(new Option('--name <name>', "the dataset's name; by default it is made of the file's name"))
    .addOption(new Option('--out <file>', 'where to write it; datasets/NAME.ts by default'))
    .exitOverride();
  try {
    command.parse(args, { from: 'user' });
    const [file = ''] = command.processedArgs;
    await run(file, command.opts<Options>());
    return WRITTEN;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? WRITTEN : NOT_RUN;
    if (!isForThePerson(error)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return NOT_RUN;
  }
}

async function run(file: string, options: Options): Promise<void> {
  const name = options.name ?? nameAfter(file);
  checkName(name);
  if (datasetNames.includes(name)) {
    throw new UsageError(`There is a dataset ${name} already: give another name with --name.`);
  }
  const out = resolve(options.out ?? join(ROOT, 'datasets', `${name}.ts`));
  // Looked for before the work, too, and not only when the file is written.
  if (existsSync(out)) throw exists(out);
  const draft = await draftDataset(file, name);
  const core = relative(dirname(out), join(ROOT, 'functions/core')).replaceAll('\\', '/');
  const source = formatted(datasetSource(draft.text, core.startsWith('.') ? core : `./${core}`));
  await write(out, source);
  process.stdout.write(summary(draft, file, out));
}

function exists(out: string): UsageError {
  return new UsageError(
    `${shown(out)} is there already and is not overwritten: give another name with --name.`,
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

/** Lays the source out as the project's formatter does. */
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

function summary({ text: { name, columns }, rows, warnings }: Draft, file: string, out: string): string {
  const variable = variableOf(name);
  const quoted = /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`;
  const lines = [
    `${shown(out)}: ${counted(columns.length, 'column')}, guessed from ${counted(rows, 'row')}. A comment says what each guess is based on.`,
    ...warnings.map((warning) => `Warning: ${warning}`),
    '',
    'What is left:',
    `  1. list ${variable} in datasets/index.ts`,
    `  2. add ${JSON.stringify(name)} with a prefix to the datasets of your environment, and to those of environments/local.ts`,
    `  3. npm start -- --check ${quoted} --dataset ${name}`,
  ];
  return `${lines.join('\n')}\n`;
}

function shown(path: string): string {
  return relative(process.cwd(), path);
}

function isForThePerson(error: unknown): error is Error {
  return [NotRunError, HeaderError, NotCsvError, DecompressionError].some((type) => error instanceof type);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
