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

/** The digits of an id. */
const ID_DIGITS = 12;

/** The digits by which the ids of a block's rows differ: a block has 1,000 rows, or 10 if they are long. */
const [ROW_DIGITS, LONG_ROW_DIGITS] = [3, 1];

/** Fills long rows. Its dash is not in Latin-1, so that a string with it takes two bytes of memory per character. */
const FILLING = 'a long name – ';

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

/** The year of every date. Its last digit is another one in the rows that change from night to night. */
const YEAR = '2024';

/** One of this many rows changes from night to night. */
export const CHANGED_ROWS = 100;

/** Distinct rows, which repeat with other ids. */
interface Block {
  readonly bytes: Buffer;
  /** The offsets of its rows, and of its end. */
  readonly starts: readonly number[];
  /** The offsets of the last digit of the year, in the rows that change from night to night. */
  readonly years: readonly number[];
  /** The digits of an id that are the same in all of its rows. */
  readonly digits: number;
}

const blocks = new Map<number, Block>();

/** @param rowBytes the least size of a row. */
function blockOf(rowBytes: number): Block {
  const block = blocks.get(rowBytes) ?? makeBlock(rowBytes);
  blocks.set(rowBytes, block);
  return block;
}

function makeBlock(rowBytes: number): Block {
  const rowDigits = rowBytes === 0 ? ROW_DIGITS : LONG_ROW_DIGITS;
  const rows = Array.from({ length: 10 ** rowDigits }, (_, row) => {
    const pick = (prime: number, values: readonly string[]) => values[(row * prime) % values.length] ?? '';
    const id = String(row).padStart(ID_DIGITS, '0');
    const name = rowBytes === 0 ? pick(13, NAMES) : filled(rowBytes);
    const amount = `${row % 7 === 0 ? '-' : ''}${(row * 7_919) % 100_000}.${String((row * 31) % 100).padStart(2, '0')}`;
    const date = `${YEAR}-${String(1 + (row % 12)).padStart(2, '0')}-${String(1 + ((row * 13) % 28)).padStart(2, '0')}`;
    return Buffer.from(`${id},${name},${amount},${date},${pick(7, NOTES)}\n`);
  });
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.length);
  const years = rows.flatMap((row, index) =>
    index % CHANGED_ROWS === 0 ? [(starts[index] ?? 0) + row.indexOf(YEAR) + YEAR.length - 1] : [],
  );
  return { bytes: Buffer.concat(rows), starts, years, digits: ID_DIGITS - rowDigits };
}

function filled(bytes: number): string {
  return FILLING.repeat(Math.ceil(bytes / Buffer.byteLength(FILLING))).trimEnd();
}

/**
 * The file that has at most `bytes` bytes.
 * @param rowBytes the least size of a row, for a file of long rows.
 * @param night up to 5; one of {@link CHANGED_ROWS} rows differs from the night before.
 */
export function csvFile(bytes: number, rowBytes = 0, night = 0): CsvFile {
  const block = blockOf(rowBytes);
  const { starts } = block;
  const { length } = block.bytes;
  const blocks = Math.floor((bytes - HEADER.length) / length);
  const room = bytes - HEADER.length - blocks * length;
  const lastRows = starts.findLastIndex((end) => end <= room);
  const size = HEADER.length + blocks * length + (starts[lastRows] ?? 0);
  return {
    size,
    rows: blocks * (starts.length - 1) + lastRows,
    *read(start, end) {
      if (start < HEADER.length) yield HEADER.subarray(start, Math.min(end, HEADER.length));
      let position = Math.max(start, HEADER.length);
      while (position < Math.min(end, size)) {
        const index = Math.floor((position - HEADER.length) / length);
        const blockStart = HEADER.length + index * length;
        const blockEnd = Math.min(end, size, blockStart + length);
        yield numbered(block, index, night).subarray(position - blockStart, blockEnd - blockStart);
        position = blockEnd;
      }
    },
  };
}

/** The block at an index of the file, with its ids and what the night has changed. */
function numbered({ bytes, starts, years, digits }: Block, index: number, night: number): Buffer {
  const id = Buffer.from(String(index).padStart(digits, '0'));
  const block = Buffer.from(bytes);
  for (const start of starts.slice(0, -1)) id.copy(block, start);
  for (const year of years) block[year] = (block[year] ?? 0) + night;
  return block;
}
