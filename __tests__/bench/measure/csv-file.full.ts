import { csvFile } from '../../../bench/measure/csv-file.ts';
import { parseFields } from '../../../functions/core/csv/records.ts';

const bytesOf = (bytes: number, start = 0, end = Number.POSITIVE_INFINITY) => {
  const file = csvFile(bytes);
  return Buffer.concat([...file.read(start, Math.min(end, file.size))]);
};

test('ranges of any length add up to the file', () => {
  const whole = bytesOf(450_000);
  for (const length of [1_009, 25, 65_536, 98_761, 449_999]) {
    const pieces: Buffer[] = [];
    for (let start = 0; start < whole.length; start += length) {
      pieces.push(bytesOf(450_000, start, Math.min(start + length, whole.length)));
    }
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
  }
});

test('a range near the end is generated without the bytes in front of it', () => {
  const [start, length] = [4e12 + 7, 300_000];
  const range = bytesOf(5e12, start, start + length);
  expect(range).toHaveLength(length);
  expect(range.subarray(1_000).equals(bytesOf(5e12, start + 1_000, start + length))).toBe(true);
});

test.each([1_000, 98_000, 450_000])(
  'a file of %d bytes has whole rows, whose ids count up from 0',
  (bytes) => {
    const { size, rows } = csvFile(bytes);
    expect(size).toBeLessThanOrEqual(bytes);
    const content = bytesOf(bytes);
    expect(content).toHaveLength(size);
    const [header, ...parsed] = parseFields(content, { delimiter: ',', encoding: 'utf-8' });
    expect(header).toEqual(['id', 'name', 'amount', 'date', 'note']);
    expect(parsed.map(([id]) => Number(id))).toEqual(Array.from({ length: rows }, (_, row) => row));
    expect(parsed.every((fields) => fields.length === 5)).toBe(true);
  },
);

test('the file has quoted line breaks, escaped quotes, and text that looks like rows', () => {
  const content = bytesOf(10_000).toString();
  expect(content).toMatch(/,"[^"]*\n[^"]*"\n/);
  expect(content).toContain('""');
  expect(content).toMatch(/^17,Katherine Johnson,1281.08,2024-01-01,paid$/m);
});

test('a file of long rows has rows of that size and some more, whose ids count up from 0 in each of its blocks', () => {
  const { size, rows, read } = csvFile(500_000, 20_000);
  const [, ...parsed] = parseFields(Buffer.concat([...read(0, size)]), { delimiter: ',', encoding: 'utf-8' });
  expect(parsed.map(([id]) => Number(id))).toEqual(Array.from({ length: rows }, (_, row) => row));
  expect(rows).toBe(24);
  for (const fields of parsed) expect(Buffer.byteLength(fields.join(','))).toBeGreaterThanOrEqual(20_000);
});
