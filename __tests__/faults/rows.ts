/** Generates files from rows, so that their expected content is known. */

import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';

/** An attribute in DynamoDB's JSON format. */
export type Attribute =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true };

export type Item = Readonly<Record<string, Attribute>>;

/** The meaning of a row, independent of its format. */
export interface Row {
  /** Rows with the same number have the same key. */
  readonly key: number;
  /** In cents. */
  readonly amount: number;
  /** Day of January 2024. */
  readonly day: number;
  readonly text: string;
  readonly flag: boolean;
  /** How the row breaks the rules, if it does. */
  readonly broken?: 'amount' | 'fields' | 'quote' | undefined;
}

/** The format in which rows are written. */
export interface Writing {
  readonly lineEnd: '\n' | '\r\n';
  readonly encoding: 'utf8' | 'utf16le' | 'latin1';
  readonly isCompressed: boolean;
  /** Whether the file lacks the last column, if its kind allows that. */
  readonly isShort: boolean;
}

/** What a row does whose key the table has, and which rows delete; as in the dataset. */
export type Mode = 'upsert' | 'changesOnly' | 'replace' | 'insert' | 'newest' | 'merge';

/** A kind of file: how to write one, and what to expect of it. */
export interface FileKind {
  readonly dataset: string;
  readonly prefix: string;
  readonly delimiter: string;
  readonly header: readonly string[];
  readonly cells: (row: Row) => readonly string[];
  /** The item of a row, without what a mode adds. */
  readonly item: (row: Row, isShort: boolean) => Item;
  readonly mode: Mode;
  /** Whether a row deletes the item of its key; undefined if none does. */
  readonly isDeletion?: (row: Row) => boolean;
  /** The last column, if a file may lack it. */
  readonly optional?: string;
  /** Objects among which the files of a schedule are distributed: one if their order matters to the table. */
  readonly objects: 1 | 2;
  /** Whether these are one feed. */
  readonly isOneFeed: boolean;
  /** Name of the amount's column. */
  readonly amountColumn: string;
  /** Share of the rows that may be rejected. */
  readonly tolerated: number;
  readonly encodings: readonly Writing['encoding'][];
}

/** A kind of file with few columns, whose dataset `datasets.ts` declares. */
function modeKind(
  dataset: string,
  {
    mode,
    objects,
    isOneFeed = objects === 1,
    hasOperation,
  }: Pick<FileKind, 'mode' | 'objects'> & { readonly isOneFeed?: boolean; readonly hasOperation: boolean },
): FileKind {
  const isDeletion = ({ day }: Row) => hasOperation && day % 4 === 0;
  return {
    dataset,
    prefix: `${dataset}/`,
    delimiter: ',',
    header: [...(hasOperation ? ['op'] : []), 'id', 'name', 'amount', 'note'],
    cells: (row) => {
      const { key, amount, text, flag } = row;
      const operation = isDeletion(row) ? 'D' : 'U';
      const others = [text, digits(amount), flag ? text : ''];
      return [
        ...(hasOperation ? [operation] : []),
        `k${key}`,
        ...(isDeletion(row) && flag ? others.map(() => '') : others),
      ];
    },
    item: ({ key, amount, text, flag }, isShort) => ({
      pk: { S: `ROW#k${key}` },
      id: { S: `k${key}` },
      name: { S: text },
      amount: { N: digits(amount) },
      ...(flag && !isShort && { note: { S: text } }),
    }),
    mode,
    ...(hasOperation && { isDeletion }),
    optional: 'note',
    objects,
    isOneFeed,
    amountColumn: 'amount',
    tolerated: 0.1,
    encodings: ['utf8'],
  };
}

const padded = (day: number) => String(day).padStart(2, '0');
/** Cents as a decimal number without trailing zeros. */
const digits = (cents: number) => String(cents / 100);

export const FILE_KINDS: readonly FileKind[] = [
  {
    dataset: 'results',
    prefix: '',
    delimiter: ',',
    header: ['id', 'comment', 'name', 'amount', 'date'],
    cells: ({ key, amount, day, text, flag }) => [
      `k${key}`,
      flag ? text : '',
      text,
      (amount / 100).toFixed(2),
      `2024-01-${padded(day)}`,
    ],
    item: ({ key, amount, day, text }) => ({
      pk: { S: `ROW#k${key}` },
      id: { S: `k${key}` },
      name: { S: text },
      amount: { N: digits(amount) },
      date: { S: `2024-01-${padded(day)}T00:00:00.000` },
    }),
    mode: 'upsert',
    objects: 1,
    isOneFeed: true,
    amountColumn: 'amount',
    tolerated: 0,
    encodings: ['utf8', 'utf8', 'utf16le'],
  },
  {
    dataset: 'orders',
    prefix: 'orders/',
    delimiter: ';',
    header: [
      'Bestell-Nr',
      'Position',
      'Kunden-Nr',
      'Artikel',
      'Menge',
      'Preis',
      'Bestellt am',
      'Versandt am',
      'Status',
      'Geschenk',
      'Bemerkung',
    ],
    cells: ({ key, amount, day, text, flag }) => [
      `o${key >> 2}`,
      String(key % 4),
      '007',
      text,
      String(day),
      (amount / 100).toFixed(2).replace('.', ','),
      `${padded(day)}.01.2024`,
      flag ? `${padded(day)}.01.2024` : '',
      flag ? 'versandt' : 'offen',
      flag ? 'ja' : 'nein',
      flag ? text : '',
    ],
    item: ({ key, amount, day, text, flag }) => ({
      pk: { S: `ORDER#o${key >> 2}` },
      sk: { S: `LINE#00000${key % 4}` },
      order_id: { S: `o${key >> 2}` },
      line: { N: String(key % 4) },
      customer_id: { S: '007' },
      article: { S: text },
      quantity: { N: String(day) },
      price: { N: digits(amount) },
      ordered: { S: `2024-01-${padded(day)}` },
      shipped: flag ? { S: `2024-01-${padded(day)}` } : { NULL: true },
      status: { S: flag ? 'versandt' : 'offen' },
      gift: { BOOL: flag },
      ...(flag && { note: { S: text } }),
    }),
    mode: 'upsert',
    objects: 1,
    isOneFeed: true,
    amountColumn: 'price',
    tolerated: 0.1,
    encodings: ['utf8', 'utf8', 'latin1', 'utf16le'],
  },
  modeKind('changed', { mode: 'upsert', objects: 1, hasOperation: true }),
  modeKind('merged', { mode: 'merge', objects: 1, hasOperation: true }),
  modeKind('followed', { mode: 'changesOnly', objects: 1, hasOperation: false }),
  modeKind('replaced', { mode: 'replace', objects: 1, hasOperation: false }),
  modeKind('dated', { mode: 'replace', objects: 2, isOneFeed: true, hasOperation: false }),
  modeKind('inserted', { mode: 'insert', objects: 2, hasOperation: false }),
  modeKind('newest', { mode: 'newest', objects: 2, hasOperation: false }),
];

const TEXTS = [
  'plain',
  'another, with; delimiters',
  'he said "no"',
  'over\ntwo lines',
  'over\r\ntwo\r\nand three, 1;2',
  'Gr\u00fc\u00dfe',
  '",";\n"',
];

/** What the first row of every file has: a load that would remove all keys of its feed is refused. */
const COMMON = { key: 0, broken: undefined } as const;

/** Rows some of which have the same key, and some of which may break the rules. */
export function rowsOf(most: number, least = 1): fc.Arbitrary<readonly Row[]> {
  return fc
    .record({
      keys: fc.constantFrom(most / 2, most * 4),
      brokenIn: fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 4, arbitrary: fc.constant(25) },
        { weight: 1, arbitrary: fc.constant(4) },
      ),
    })
    .chain(({ keys, brokenIn }) =>
      fc.array(
        fc
          .record({
            key: fc.nat(keys),
            amount: fc.nat(10_000_000),
            day: fc.integer({ min: 1, max: 31 }),
            text: fc.oneof(
              { weight: 2, arbitrary: fc.constant('plain') },
              { weight: 1, arbitrary: fc.constantFrom(...TEXTS) },
            ),
            flag: fc.boolean(),
            broken: fc.constantFrom('amount' as const, 'fields' as const, 'quote' as const),
            draw: fc.nat(999),
          })
          .map(({ draw, broken, ...row }) => ({
            ...row,
            broken: brokenIn > 0 && draw % brokenIn === 0 ? broken : undefined,
          })),
        { minLength: least, maxLength: most, size: 'max' },
      ),
    )
    .map((rows) => rows.map((row, index) => (index === 0 ? { ...row, ...COMMON } : row)));
}

/** A file, and the physical line at which each of its rows starts. */
export interface WrittenFile {
  readonly bytes: Buffer;
  readonly lines: readonly number[];
  /** Whether it lacks the last column of its kind. */
  readonly isShort: boolean;
}

/** Writes rows into a file of a kind. */
export function writeFile(kind: FileKind, rows: readonly Row[], writing: Writing): WrittenFile {
  const { delimiter, header, optional } = kind;
  const { lineEnd, encoding, isCompressed } = writing;
  const isShort = writing.isShort && optional !== undefined;
  const width = header.length - (isShort ? 1 : 0);
  let text = header.slice(0, width).join(delimiter) + lineEnd;
  let line = 2;
  const lines = rows.map((row) => {
    const record = recordOf(kind, row, width) + lineEnd;
    const start = line;
    line += record.match(/\r\n|\n|\r/g)?.length ?? 0;
    text += record;
    return start;
  });
  const bytes = Buffer.from(encoding === 'utf16le' ? `\uFEFF${text}` : text, encoding);
  return { bytes: isCompressed ? gzipSync(bytes) : bytes, lines, isShort };
}

function recordOf(kind: FileKind, row: Row, width: number): string {
  const { delimiter, header, amountColumn, cells } = kind;
  const values = cells(row).slice(0, width);
  if (row.broken === 'quote') {
    // On one line, so that the record does not extend beyond the row.
    return ['x"y', ...values.slice(1).map(() => '')].join(delimiter);
  }
  if (row.broken === 'fields') values.pop();
  if (row.broken === 'amount') values[header.indexOf(amountColumn === 'price' ? 'Preis' : 'amount')] = 'none';
  return stringify([values], { delimiter, record_delimiter: '', eof: false, quoted_match: /[\r\n"]/ });
}
