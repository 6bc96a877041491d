/** Random valid CSV files, with the items that they yield. */

import fc from 'fast-check';
import { NumberValue } from '../../../functions/core/dataset/columns.ts';
import type { StoredItem } from '../../../functions/core/dataset/dataset.ts';

/** A valid file. */
export interface ValidFile {
  /** Name of a fixture dataset. */
  readonly dataset: string;
  readonly bytes: Buffer;
  /** Byte after the header. */
  readonly headerEnd: number;
  readonly items: readonly StoredItem[];
}

type FileEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

const WITH_BOM = ['utf-8', 'utf-16le', 'utf-16be'] as const;

/** The encodings that a dataset's files may have without a BOM. */
const datasets: Readonly<Record<string, readonly FileEncoding[]>> = {
  results: WITH_BOM,
  customers: WITH_BOM,
  'customers-bar': WITH_BOM,
  'customers-1252': ['windows-1252', 'utf-16le', 'utf-16be'],
  'customers-either': ['utf-8', 'windows-1252', 'utf-16le', 'utf-16be'],
  events: WITH_BOM,
};

const special = ['"', '""', ',', ';', '\t', '|', '\n', '\r\n', '\r', ' ', '\n1,a\n', '","', '";"'] as const;
/**
 * Characters whose windows-1252 bytes never form valid UTF-8 by chance: no byte that starts a UTF-8 sequence precedes
 * one that could continue it.
 */
const western = ['a', '0', 'é', 'ü', 'ß', '1€', 'a“', 'a”', '-–', 'x'.repeat(40)] as const;
const any = [...western, '日本', '😀', '\uFFFD', '\u2028', '\u0085', 'e\u0301', '\uFEFFz', '€“'] as const;

function text(units: readonly string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof({ arbitrary: fc.constantFrom(...units), weight: 3 }, fc.constantFrom(...special)), {
      maxLength: 6,
    })
    .map((parts) => parts.join(''));
}

/** A cell and the value that is stored for it; undefined if none is. */
type Cell = readonly [cell: string, value: string | NumberValue | null | undefined];

interface FileColumn {
  readonly names: readonly string[];
  readonly cell: fc.Arbitrary<Cell>;
}

function columnsOf(dataset: string, units: readonly string[]): Readonly<Record<string, FileColumn>> {
  const filled = text(units).map((cell): Cell => {
    const kept = cell.trim() === '' ? 'x' : cell;
    return [kept, kept.trim()];
  });
  const day = fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  switch (dataset) {
    case 'results':
      return {
        id: { names: ['id', ' ID '], cell: filled },
        name: { names: ['name', 'Name'], cell: filled },
        amount: {
          names: ['amount', 'AMOUNT'],
          cell: fc
            .stringMatching(/^(0|-?[1-9][0-9]{0,18}(\.[0-9]{0,17}[1-9])?)$/)
            .map((digits) => [` ${digits}`, NumberValue.from(digits)]),
        },
        date: { names: ['date'], cell: day.map((date) => [date, `${date}T00:00:00.000`]) },
      };
    case 'events':
      return {
        day: { names: ['day'], cell: day.map((date) => [`${date} `, date]) },
        kind: { names: ['kind', '\tKind'], cell: filled },
        id: { names: ['Id', 'id'], cell: filled },
        priority: { names: ['priority'], cell: fc.constant([' ', null]) },
      };
    default:
      return {
        customer_id: { names: ['customer_id', 'Customer ID', 'kunden-nr'], cell: filled },
        size: { names: ['size', 'Größe', 'SIZE '], cell: filled },
        note: {
          names: ['note'],
          cell: text(units).map((cell) => [cell, cell.trim() === '' ? undefined : cell.trim()]),
        },
      };
  }
}

/** The key of an item, as the datasets define it. */
function keyOf(dataset: string, item: Readonly<Record<string, unknown>>): { pk: string; sk?: string } {
  switch (dataset) {
    case 'results':
      return { pk: `ROW#${item.id}` };
    case 'events':
      return { pk: `DAY#${item.day}`, sk: `${item.kind}#${item.id}` };
    default:
      return { pk: `CUSTOMER#${item.customer_id}` };
  }
}

const HIGH: Readonly<Record<string, number>> = { '€': 0x80, '“': 0x93, '”': 0x94, '–': 0x96 };

function encode(csv: string, encoding: FileEncoding): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(csv);
    case 'utf-16le':
      return Buffer.from(csv, 'utf16le');
    case 'utf-16be':
      return Buffer.from(csv, 'utf16le').swap16();
    case 'windows-1252':
      return Buffer.from(Array.from(csv, (character) => HIGH[character] ?? character.charCodeAt(0)));
  }
}

const blankLines = fc.oneof(
  { arbitrary: fc.constant(''), weight: 8 },
  fc.constantFrom('\n', '\r\n', '\r', '\n\n'),
);

/** The format of a file. */
const style = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  /** Whether the first line names the delimiter. */
  isNamed: fc.nat({ max: 7 }).map((one) => one === 0),
  lineBreaks: fc.oneof(
    fc.constantFrom(['\n'], ['\r\n'], ['\r']),
    fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 2, maxLength: 4 }),
  ),
  blankLines: fc.array(blankLines, { minLength: 1, maxLength: 4 }),
  endsWithBreak: fc.boolean(),
  quoted: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  hasNote: fc.boolean(),
  order: fc.array(fc.nat({ max: 9 }), { minLength: 6, maxLength: 6 }),
  names: fc.nat(),
  extra: fc.constantFrom([], ['extra'], ['x,y;z|t', 'Extra "2"']),
});

/** @param maxRows maximum number of rows. */
export function validFile(maxRows: number): fc.Arbitrary<ValidFile> {
  return fc.constantFrom(...Object.keys(datasets)).chain((dataset) =>
    fc
      .oneof(
        fc.constantFrom(...(datasets[dataset] ?? [])).map((encoding) => ({ encoding, bom: '' })),
        fc.constantFrom(...WITH_BOM).map((encoding) => ({ encoding, bom: '\uFEFF' })),
      )
      .chain(({ encoding, bom }) => {
        const units = encoding === 'windows-1252' ? western : any;
        const columns = columnsOf(dataset, units);
        const cells = Object.fromEntries(Object.entries(columns).map(([name, { cell }]) => [name, cell]));
        const rows = fc.array(fc.record({ cells: fc.record(cells), other: text(units) }), {
          maxLength: maxRows,
        });
        return fc.tuple(style, rows).map(([how, made]) => {
          const { header, body, items } = written(dataset, columns, how, made);
          const start = encode(bom + header, encoding);
          return {
            dataset,
            bytes: Buffer.concat([start, encode(body, encoding)]),
            headerEnd: start.length,
            items,
          };
        });
      }),
  );
}

type Style = typeof style extends fc.Arbitrary<infer Value> ? Value : never;
type Rows = readonly { readonly cells: Readonly<Record<string, Cell>>; readonly other: string }[];

/** Writes a file and the items that it yields. */
function written(
  dataset: string,
  columns: Readonly<Record<string, FileColumn>>,
  { isNamed, lineBreaks, endsWithBreak, quoted, names, extra, ...how }: Style,
  rows: Rows,
): { readonly header: string; readonly body: string; readonly items: readonly StoredItem[] } {
  const delimiter = dataset === 'customers-bar' ? '|' : how.delimiter;
  const present = Object.keys(columns).filter((name) => name !== 'note' || how.hasNote);
  const ordered = [...present, ...extra]
    .map((name, index) => ({ name, rank: how.order[index] ?? 0 }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ name }) => name);
  let fields = 0;
  const field = (value: string): string => {
    fields += 1;
    const isQuoted = /["\r\n]/.test(value) || value.includes(delimiter) || quoted[fields % quoted.length];
    return isQuoted ? `"${value.replaceAll('"', '""')}"` : value;
  };
  const ending = (index: number): string =>
    (lineBreaks[index % lineBreaks.length] ?? '\n') + (how.blankLines[index % how.blankLines.length] ?? '');
  const first = ordered.map((name) => {
    const spellings = columns[name]?.names ?? [name];
    return field(spellings[names % spellings.length] ?? name);
  });
  const lines = rows.map(({ cells, other }) =>
    ordered.map((name) => field(cells[name]?.[0] ?? other)).join(delimiter),
  );
  const items = rows.map(({ cells }) => {
    const values = Object.keys(columns)
      .map((name) => [name, present.includes(name) ? cells[name]?.[1] : undefined] as const)
      .filter(([, value]) => value !== undefined);
    const item = Object.fromEntries(values);
    return { ...keyOf(dataset, item), ...item };
  });
  return {
    header:
      (isNamed ? `sep=${delimiter}${lineBreaks[0]}` : '') + first.join(delimiter) + (lineBreaks[0] ?? '\n'),
    body: lines
      .map((line, index) => (index < lines.length - 1 || endsWithBreak ? line + ending(index) : line))
      .join(''),
    items,
  };
}
