/** The examples of docs/datasets.md: a dataset, a file, and what the dry run prints about it. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as columns from '../../../functions/core/dataset/columns.ts';
import { type Dataset, dataset } from '../../../functions/core/dataset/dataset.ts';
import { checkFile } from '../../../tools/check/check-file.ts';
import { checkSummary } from '../../../tools/check/print-check.ts';
import { compilerErrors } from '../../asl/language/compiler.ts';

const root = join(__dirname, '../../..');
const document = readFileSync(join(root, 'docs/datasets.md'), 'utf8');
const examples = [
  ...document.matchAll(
    /```ts\n(dataset\((?:(?!```)[\s\S])*)\n```\n\n```csv\n([^`]*)```\n\n```text\n([^`]*)```/g,
  ),
].map(([, source = '', csv = '', output = '']) => ({ source: source.replace(/;$/, ''), csv, output }));

const scope = { ...columns, dataset };

function defined(source: string): Dataset {
  return new Function(...Object.keys(scope), `return ${source}`)(...Object.values(scope));
}

test('the document has examples, and they compile', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3);
  const core = join(root, 'functions/core/dataset');
  const imports = [
    `import { ${Object.keys(columns).join(', ')} } from '${core}/columns.ts';`,
    `import { dataset } from '${core}/dataset.ts';`,
  ];
  const all = examples.map(({ source }, index) => `export const example${index} = ${source};`);
  expect(compilerErrors([...imports, ...all].join('\n'), ['node'])).toEqual([]);
});

test.each(examples)('$source', async ({ source, csv, output }) => {
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  try {
    const example = defined(source);
    const file = join(folder, `${example.name}.csv`);
    writeFileSync(file, csv);
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
