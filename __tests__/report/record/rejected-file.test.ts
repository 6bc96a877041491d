import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejectedRecords } from '../../../report/record/rejected-file.ts';
import { MAX_ROW_CHARACTERS } from '../../../report/record/run-record.ts';

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

test.each([',', ';', '\t'])('reads the first rows of a report delimited by %j', async (delimiter) => {
  const row = (...fields: unknown[]) => `${fields.join(delimiter)}\n`;
  const header = row('"id\n1"', 'amount', '_line', '_column', '_code', '_reason', '_source_loaded');
  const rows = Array.from({ length: 30 }, (_, line) =>
    row('"a\nb,;"', 'x', line + 2, 'amount', 'code', '"is ""?"""', 's'),
  );
  const rejected = await rejectedRecords(report(header + rows.join('')), 20);
  expect(rejected).toHaveLength(20);
  expect(rejected[19]).toEqual({
    line: 21,
    column: 'amount',
    code: 'code',
    reason: 'is "?"',
    row: `a\nb,;${delimiter}x`,
  });
});

test('a file that is not a report throws an error', async () => {
  await expect(rejectedRecords(report('id,name\n1,2\n'), 20)).rejects.toThrow(
    'is not a report of rejected rows',
  );
});

test('keeps only the beginning of a long row', async () => {
  const file = report(
    `id,_line,_column,_code,_reason,_source_loaded\n${'x'.repeat(1_000)},2,id,code,why,s\n`,
  );
  const [rejected] = await rejectedRecords(file, 20);
  expect(rejected?.row).toBe('x'.repeat(MAX_ROW_CHARACTERS));
});
