import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SortedLines } from '../../../local/items/sorted-lines.ts';
import { itemLine } from '../../../report/terminal/item-line.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sorted-lines-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function sorted(lines: readonly string[]): Promise<string[]> {
  const sorter = new SortedLines(directory, (line) => line);
  for (const line of lines) await sorter.add(line);
  await sorter.write(join(directory, 'out'));
  return readFileSync(join(directory, 'out'), 'utf8').split('\n').slice(0, -1);
}

test('lines are sorted by their UTF-8 bytes, not by UTF-16 code units as in JavaScript', async () => {
  expect(await sorted(['\u{1F600}', '\uFF5E', 'b\u2028', 'B', 'a'])).toEqual([
    'B',
    'a',
    'b\u2028',
    '\uFF5E',
    '\u{1F600}',
  ]);
});

test('lines that do not fit into memory are merged from several runs', async () => {
  // Each line is longer than one read of a file, and the numbers are out of order.
  const lines = Array.from({ length: 300 }, (_, index) => `${(index * 7) % 300}`.padStart(100_000, '0'));
  expect((await sorted(lines)).map(Number)).toEqual([...lines.keys()]);
  expect(readdirSync(directory).filter((file) => file.startsWith('run-')).length).toBeGreaterThan(1);
});

test('no lines make an empty file', async () => {
  expect(await sorted([])).toEqual([]);
});

test('an item is one line of JSON, with its key first and all digits of its numbers', () => {
  const line = itemLine(
    {
      amount: { N: '12345678901234567890.123456789012345678' },
      pk: { S: 'ROW#1' },
      tags: { L: [{ N: '0.1' }, { BOOL: true }, { NULL: true }, { M: { a: { N: '1' } } }] },
    },
    ['pk'],
  );
  expect(line).toBe(
    '{"pk":"ROW#1","amount":12345678901234567890.123456789012345678,"tags":[0.1,true,null,{"a":1}]}',
  );
});
