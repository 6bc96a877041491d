/**
 * A generated CSV file of any size, which is never stored. The position determines each byte, so any range can be
 * generated on demand.
 */

export interface CsvFile {
  /** The size in bytes: that of the header and as many whole rows as fit. */
  readonly size: number;
  /** The number of rows without the header. Their ids count up from 0, so that a table knows which rows it has. */
  readonly rows: number;
  /** Generates the bytes from `start` up to, but not including, `end`, in pieces. */
  readonly read: (start: number, end: number) => Generator<Buffer, void>;
}

const HEADER = Buffer.from('id,name,amount,date,note\n');

/** The number of distinct rows. They repeat after that, with other ids. */
const BLOCK_ROWS = 1_000;

/** The digits of an id: those of the block, and those of the row within the block. */
const [BLOCK_DIGITS, ROW_DIGITS] = [9, 3];

const NAMES = [
  'Ada Lovelace',
  'Grace Hopper',
  'Ñandú Müller',
  '"Lovelace, Ada"',
  '"Hopper, ""Amazing"" Grace"',
];

/** Values that make splitting hard: quoted line breaks, and quoted text that looks like a row. */
const NOTES = [
  'paid in cash; asks for a receipt by mail',
  '',
  'delivered to the second floor; the bell is at the back of the house',
  '"first line\nsecond line, with a comma\n\nfourth line"',
  '"she said ""on Friday""\r\nand left"',
  '"copied:\n17,Katherine Johnson,1281.08,2024-01-01,paid\n18,Mary Jackson,329.67,2024-01-02,paid\n"',
];

/** The first block, and the offsets of its rows and of its end. */
const { block, starts } = makeBlock();

function makeBlock() {
  const rows = Array.from({ length: BLOCK_ROWS }, (_, row) => {
    const pick = (prime: number, values: readonly string[]) => values[(row * prime) % values.length] ?? '';
    const id = String(row).padStart(BLOCK_DIGITS + ROW_DIGITS, '0');
    const amount = `${row % 7 === 0 ? '-' : ''}${(row * 7_919) % 100_000}.${String((row * 31) % 100).padStart(2, '0')}`;
    const date = `2024-${String(1 + (row % 12)).padStart(2, '0')}-${String(1 + ((row * 13) % 28)).padStart(2, '0')}`;
    return Buffer.from(`${id},${pick(13, NAMES)},${amount},${date},${pick(7, NOTES)}\n`);
  });
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.length);
  return { block: Buffer.concat(rows), starts };
}

/** The file that has at most `bytes` bytes. */
export function csvFile(bytes: number): CsvFile {
  const blocks = Math.floor((bytes - HEADER.length) / block.length);
  const room = bytes - HEADER.length - blocks * block.length;
  const lastRows = starts.findLastIndex((end) => end <= room);
  const size = HEADER.length + blocks * block.length + (starts[lastRows] ?? 0);
  return {
    size,
    rows: blocks * BLOCK_ROWS + lastRows,
    *read(start, end) {
      if (start < HEADER.length) yield HEADER.subarray(start, Math.min(end, HEADER.length));
      let position = Math.max(start, HEADER.length);
      while (position < Math.min(end, size)) {
        const index = Math.floor((position - HEADER.length) / block.length);
        const blockStart = HEADER.length + index * block.length;
        const blockEnd = Math.min(end, size, blockStart + block.length);
        yield numbered(index).subarray(position - blockStart, blockEnd - blockStart);
        position = blockEnd;
      }
    },
  };
}

/** The block at an index of the file, with its ids. */
function numbered(index: number): Buffer {
  const digits = Buffer.from(String(index).padStart(BLOCK_DIGITS, '0'));
  const bytes = Buffer.from(block);
  for (const start of starts.slice(0, -1)) digits.copy(bytes, start);
  return bytes;
}
