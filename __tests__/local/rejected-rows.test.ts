import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstRejected } from '../../local/rejected-rows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejected-rows-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function report(content: string): string {
  const file = join(folder, 'rejected.csv');
  writeFileSync(file, content);
  return file;
}

test.each([',', ';', '\t'])('the first rows of a report are read, delimited by %j', async (delimiter) => {
  const row = (...fields: unknown[]) => `${fields.join(delimiter)}\n`;
  const header = row('"id\n1"', 'amount', '_line', '_column', '_code', '_reason');
  const rows = Array.from({ length: 30 }, (_, line) =>
    row('"a\nb,;"', 'x', line + 2, 'amount', 'code', '"is ""?"""'),
  );
  const rejected = await firstRejected(report(header + rows.join('')));
  expect(rejected).toHaveLength(20);
  expect(rejected[19]).toEqual({ line: 21, column: 'amount', code: 'code', reason: 'is "?"' });
});

test('a file that is no report is refused', async () => {
  await expect(firstRejected(report('id,name\n1,2\n'))).rejects.toThrow('is not a report of rejected rows');
});
