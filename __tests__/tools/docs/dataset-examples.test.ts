/**
 * The examples of docs/datasets.md: a column, a cell and what is stored for it; and a dataset, a file and what the dry run
 * prints about it. Each option has one.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { storedValue } from '../../../functions/core/dataset/columns/column.ts';
import * as columns from '../../../functions/core/dataset/columns.ts';
import { dataset } from '../../../functions/core/dataset/dataset.ts';
import type { Definition } from '../../../functions/core/dataset/definition.ts';
import type { Columns } from '../../../functions/core/dataset/item.ts';
import { putOf } from '../../../functions/core/table/batch-write.ts';
import { checkFile } from '../../../tools/check/check-file.ts';
import { checkSummary } from '../../../tools/check/print-check.ts';
import { encoderOf } from '../../../tools/merge/encoder.ts';
import { compilerErrors } from '../../asl/language/compiler.ts';

const core = join(__dirname, '../../../functions/core/dataset');
const document = readFileSync(join(__dirname, '../../../docs/datasets.md'), 'utf8');

const cells = [...document.matchAll(/^\| `(\w+\(.*\))` \| `([^`]*)` \| `([^`]*)` \|$/gm)].map(
  ([, column = '', cell = '', stored = '']) => ({ column, cell, stored }),
);
const files = [
  ...document.matchAll(
    /```ts\n(dataset\((?:(?!```)[\s\S])*);\n```\n\n```csv\n([^`]*)```\n\n```text\n([^`]*)```/g,
  ),
].map(([, source = '', csv = '', output = '']) => ({ source, csv, output }));

const { CellFault, NumberValue, ...kinds } = columns;
const scope = { ...kinds, dataset, z };

function defined(source: string) {
  return new Function(...Object.keys(scope), `return ${source}`)(...Object.values(scope));
}

test('the examples compile', () => {
  const sources = [...cells.map(({ column }) => column), ...files.map(({ source }) => source)];
  const lines = [
    `import { ${Object.keys(kinds).join(', ')} } from '${core}/columns.ts';`,
    `import { dataset } from '${core}/dataset.ts';`,
    `import { z } from '${require.resolve('zod')}';`,
    ...sources.map((source, index) => `export const example${index} = ${source};`),
  ];
  expect(compilerErrors(lines.join('\n'), ['node'])).toEqual([]);
});

test('every kind of column has an example, and so has every option of a column', () => {
  const shown = cells.map(({ column }) => column.split('(')[0]);
  expect([...new Set(shown)].sort()).toEqual(Object.keys(kinds).sort());
  const sources = readdirSync(join(core, 'columns')).map((name) =>
    readFileSync(join(core, 'columns', name), 'utf8'),
  );
  const blocks = sources.flatMap((source) => [
    ...source.matchAll(/(?:optionsOf\(|COMMON = )\{\n([\s\S]*?)\n\}/g),
  ]);
  const options = blocks.flatMap(([, block = '']) => [...block.matchAll(/^ {2}(\w+)[:,]/gm)]);
  expect(options.length).toBeGreaterThan(20);
  const examples = [...cells.map(({ column }) => column), ...files.map(({ source }) => source)].join('\n');
  const missing = options.map(([, option = '']) => option).filter((option) => !hasOption(examples, option));
  expect(missing).toEqual(['pattern']);
});

const OPTIONS: Record<keyof Definition<Columns, string, string>, true> = {
  name: true,
  columns: true,
  key: true,
  sort: true,
  duplicates: true,
  unique: true,
  check: true,
  expect: true,
  tolerance: true,
  encodings: true,
  nulls: true,
  header: true,
  footer: true,
  delimiter: true,
  load: true,
  constants: true,
  ttl: true,
  derive: true,
  indexes: true,
  quote: true,
  escape: true,
  relaxQuotes: true,
  ltrim: true,
  comments: true,
};

test('every option of a dataset has an example', () => {
  const examples = files.map(({ source }) => source).join('\n');
  expect(Object.keys(OPTIONS).filter((option) => !hasOption(examples, option))).toEqual([]);
});

function hasOption(examples: string, option: string): boolean {
  return new RegExp(String.raw`\b${option}:`).test(examples);
}

test.each(cells)('$column reads $cell as $stored', ({ column, cell, stored }) => {
  const made = defined(column);
  expect(made.problems).toEqual([]);
  const value = storedValue(made, cell);
  if (value instanceof CellFault) expect(value.code).toBe(stored);
  else expect(putOf({ pk: '', value }).json).toContain(`"value":${stored}}`);
});

test.each(files)('$source', async ({ source, csv, output }) => {
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  try {
    const example = defined(source);
    const file = join(folder, `${example.name}.csv`);
    writeFileSync(file, encoderOf(example.encodings.at(-1))(csv) ?? '');
    const result = await checkFile(file, { dataset: example, maxDecompressedBytes: 1e9 });
    const printed = oneLine(checkSummary(result).replaceAll(`${folder}/`, ''));
    for (const line of output.split('\n')) expect(printed).toContain(oneLine(line));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Without colours, and without the blanks that align a table's columns. */
function oneLine(printed: string): string {
  return stripVTControlCharacters(printed).replaceAll(/\s+/g, ' ').trim();
}
