/** What the cells of random files hold, in every encoding that these have. */

import fc from 'fast-check';
import iconv from 'iconv-lite';
import { NumberValue } from '../../../functions/core/dataset/columns.ts';
import { fixtureDataset } from '../../fixtures/datasets.ts';

export type FileEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'windows-1251' | 'shift_jis';

const special = [
  '"',
  '""',
  ',',
  ';',
  '\t',
  '|',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\n1,a\n',
  '","',
  '";"',
  "'",
  '\\',
  '\\"',
  '#',
  '^',
  '\x01',
] as const;
/**
 * Characters whose windows-1252 bytes never form valid UTF-8 by chance: no byte that starts a UTF-8 sequence precedes
 * one that could continue it.
 */
const western = ['a', '0', 'é', 'ü', 'ß', '1€', 'a“', 'a”', '-–', 'x'.repeat(40)] as const;
const any = [
  ...western,
  '日本',
  '😀',
  '\uFFFD',
  '\u2028',
  '\u0085',
  'e\u0301',
  '\uFEFFz',
  '€“',
  '§',
] as const;

/** Text that every file in an encoding can hold. Second bytes of some characters in Shift_JIS are those of `\\`. */
const unitsOf: Readonly<Record<FileEncoding, readonly string[]>> = {
  'utf-8': any,
  'utf-16le': any,
  'utf-16be': any,
  'windows-1252': western,
  'windows-1251': ['a', '0', 'Привет', 'ё', '№', '€1', 'Ж'.repeat(40)],
  shift_jis: ['a', '0', '日本', '表', 'ソ', 'ﾃｽﾄ', '能'.repeat(40)],
};

/** Text in that encoding, with whatever may be mistaken for the dataset's format. */
export function textOf(dataset: string, encoding: FileEncoding): fc.Arbitrary<string> {
  const { delimiters } = fixtureDataset(dataset);
  const units = delimiters.length === 1 ? [...unitsOf[encoding], ...delimiters] : unitsOf[encoding];
  return fc
    .array(fc.oneof({ arbitrary: fc.constantFrom(...units), weight: 3 }, fc.constantFrom(...special)), {
      maxLength: 6,
    })
    .map((parts) => parts.join(''));
}

/** A cell and the value that is stored for it; undefined if none is. */
export type Cell = readonly [cell: string, value: string | NumberValue | null | undefined];

export interface FileColumn {
  readonly names: readonly string[];
  readonly cell: fc.Arbitrary<Cell>;
}

/** The dataset's columns, as they may be in a file with that encoding. */
export function columnsOf(dataset: string, encoding: FileEncoding): Readonly<Record<string, FileColumn>> {
  const text = textOf(dataset, encoding);
  const filled = text.map((cell): Cell => {
    const kept = cell.trim() === '' ? 'x' : cell;
    return [kept, kept.trim()];
  });
  const names = (column: string): readonly string[] => {
    const { aliases = [] } = fixtureDataset(dataset).columns.find(({ name }) => name === column) ?? {};
    return [column, `${column.toUpperCase()} `, ...aliases].filter(
      (name) => iconv.decode(iconv.encode(name, encoding), encoding) === name,
    );
  };
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
        customer_id: { names: names('customer_id'), cell: filled },
        size: { names: names('size'), cell: filled },
        note: {
          names: ['note'],
          cell: text.map((cell) => [cell, cell.trim() === '' ? undefined : cell.trim()]),
        },
      };
  }
}

/** The key of an item, as the datasets define it. */
export function keyOf(dataset: string, item: Readonly<Record<string, unknown>>): { pk: string; sk?: string } {
  switch (dataset) {
    case 'results':
      return { pk: `ROW#${item.id}` };
    case 'events':
      return { pk: `DAY#${item.day}`, sk: `${item.kind}#${item.id}` };
    default:
      return { pk: `CUSTOMER#${item.customer_id}` };
  }
}
