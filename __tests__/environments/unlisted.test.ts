import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unlistedDatasets } from '../../environments/unlisted.ts';

test('names the files that the list of datasets does not import, up to a limit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'datasets-'));
  try {
    const write = (name: string, source = '') => writeFileSync(join(folder, name), source);
    write('index.ts', "import { orders } from './orders.ts';\n");
    write('orders.ts');
    write('notes.md');
    expect(unlistedDatasets(folder)).toBe('');
    write('my-orders.ts');
    expect(unlistedDatasets(folder)).toBe('; datasets/index.ts does not list datasets/my-orders.ts');
    for (let count = 1; count <= 9; count += 1) write(`b${count}.ts`);
    expect(unlistedDatasets(folder)).toMatch(/ datasets\/b5\.ts and 5 more$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('all datasets of the project are listed', () => {
  expect(unlistedDatasets()).toBe('');
});
