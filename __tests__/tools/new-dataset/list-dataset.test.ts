/** Edits of the sources that list the datasets. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../report/terminal/errors.ts';
import { withDataset, withPrefix } from '../../../tools/new-dataset/list-dataset.ts';
import { replaceAll } from '../../../tools/new-dataset/new-dataset.ts';

const file = (source: string) => ({ path: 'some/file.ts', source });

describe('the list of datasets', () => {
  const head = '/** “Größe”, not ASCII. */\nimport { a } from "./a.ts";';

  test.each([
    ['a list', 'const datasets: readonly Dataset[] = [a];', 'const datasets: readonly Dataset[] = [a, b];'],
    ['an exported list', 'export const datasets = [ a ]', 'export const datasets = [ a, b ]'],
    [
      'a comma at the end',
      'const datasets = [\n  a, // “first”\n];',
      'const datasets = [\n  a, b, // “first”\n];',
    ],
    ['an empty list', 'const datasets = [/* none */];', 'const datasets = [b,/* none */];'],
    [
      'a list after other code with that word',
      '// datasets = [x]\nconst s = "datasets = [y]";\nconst datasets = [a, ...c];',
      '// datasets = [x]\nconst s = "datasets = [y]";\nconst datasets = [a, ...c, b];',
    ],
  ])('%s is extended, and all else stays', (_what, before, after) => {
    expect(withDataset(file(`${head}\n${before}\n`), 'b', './b.ts')).toBe(
      `${head}\nimport { b } from "./b.ts";\n${after}\n`,
    );
  });

  test.each([
    [
      'the variable is imported already',
      `${head}\nconst datasets = [a];`,
      'a',
      './x.ts',
      'already imports a or ./x.ts',
    ],
    [
      'the module is imported already',
      `${head}\nconst datasets = [a];`,
      'x',
      './a.ts',
      'already imports x or ./a.ts',
    ],
    [
      'there is no list',
      `${head}\nconst datasets = all();`,
      'b',
      './b.ts',
      'some/file.ts has no list datasets',
    ],
  ])('it is an error if %s', (_when, source, variable, module, message) => {
    const edit = () => withDataset(file(source), variable, module);
    expect(edit).toThrow(UsageError);
    expect(edit).toThrow(message);
  });
});

describe('the datasets of an environment', () => {
  test.each([
    [
      "export const local: E = { name: 'ä', datasets: { a: '' } };",
      'export const local: E = { name: \'ä\', datasets: { a: \'\', "b-c": "b/" } };',
    ],
    [
      "const local = { datasets: { a: '', 'b': 'x/', ...more } };",
      "const local = { datasets: { a: '', 'b': 'x/', \"b-c\": \"b/\", ...more } };",
    ],
    ['const local = { datasets: {} };', 'const local = { datasets: {"b-c": "b/",} };'],
    [
      "const other = { datasets: { x: '' } }; const local = { get v() { return 1; }, datasets: { a: '' } };",
      'const other = { datasets: { x: \'\' } }; const local = { get v() { return 1; }, datasets: { a: \'\', "b-c": "b/" } };',
    ],
  ])('%s', (before, after) => {
    expect(withPrefix(file(before), 'local', 'b-c', 'b/')).toBe(after);
  });

  test.each([
    [
      'it has that dataset already',
      "const local = { datasets: { 'b-c': '' } };",
      'already names the dataset "b-c"',
    ],
    ['it has no datasets', "const local = { name: 'local' };", 'has no object datasets'],
    ['there is no such environment', 'const other = { datasets: {} };', 'has no object datasets'],
  ])('it is an error if %s', (_when, source, message) => {
    const edit = () => withPrefix(file(source), 'local', 'b-c', 'b/');
    expect(edit).toThrow(UsageError);
    expect(edit).toThrow(message);
  });
});

test('if one file cannot be written, none is changed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'replaced-'));
  try {
    const first = join(folder, 'first.ts');
    writeFileSync(first, 'before');
    const files = [
      { path: first, before: 'before', after: 'after' },
      { path: join(folder, 'none/second.ts'), before: '', after: 'after' },
    ];
    await expect(replaceAll(files)).rejects.toThrow(/second\.ts cannot be written: ENOENT/);
    expect(readFileSync(first, 'utf8')).toBe('before');
    await replaceAll(files.slice(0, 1));
    expect(readFileSync(first, 'utf8')).toBe('after');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
