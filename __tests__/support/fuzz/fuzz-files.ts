/** Random valid CSV files, with the items that they yield. */

import fc from 'fast-check';
import iconv from 'iconv-lite';
import type { StoredItem } from '../../../functions/core/dataset/dataset.ts';
import { fixtureDataset } from '../../fixtures/datasets.ts';
import { columnsOf, type FileEncoding, textOf } from './fuzz-cells.ts';
import { written } from './write-file.ts';

/** A valid file. */
export interface ValidFile {
  /** Name of a fixture dataset. */
  readonly dataset: string;
  readonly bytes: Buffer;
  /** Byte after the header. */
  readonly headerEnd: number;
  readonly items: readonly StoredItem[];
  /** Number of rows in which every cell is blank. */
  readonly blank: number;
  /** Number of rows in the footer. */
  readonly footer: number;
}

const WITH_BOM = ['utf-8', 'utf-16le', 'utf-16be'] as const;

/** The encodings that a dataset's files may have without a BOM. */
const datasets: Readonly<Record<string, readonly FileEncoding[]>> = {
  results: WITH_BOM,
  customers: WITH_BOM,
  'customers-bar': WITH_BOM,
  'customers-1252': ['windows-1252', 'utf-16le', 'utf-16be'],
  'customers-either': ['utf-8', 'windows-1252', 'utf-16le', 'utf-16be'],
  'customers-windows-1251': ['windows-1251'],
  'customers-shift-jis': ['shift_jis'],
  'customers-footer': WITH_BOM,
  'customers-skip': WITH_BOM,
  'customers-find': WITH_BOM,
  // The first row may have too little ASCII for UTF-16 to be recognized.
  'customers-headerless': ['utf-8'],
  'customers-sign': WITH_BOM,
  'customers-sign-1252': ['windows-1252'],
  'customers-control': WITH_BOM,
  'customers-relaxed': WITH_BOM,
  'customers-trimmed': WITH_BOM,
  'customers-relaxed-trimmed': WITH_BOM,
  'customers-escaped': WITH_BOM,
  'customers-apostrophes': WITH_BOM,
  'customers-commented': WITH_BOM,
  events: WITH_BOM,
};

/** What may be between two rows: nothing, empty lines, a row of blank cells, or a comment. */
const between = fc.oneof(
  { arbitrary: fc.constant({ breaks: '' }), weight: 8 },
  fc.record({ breaks: fc.constantFrom('\n', '\r\n', '\r', '\n\n') }),
  fc.record({
    blank: fc.array(fc.constantFrom('', '', ' ', '\t', 'quotes'), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ comment: fc.constantFrom('', ' "a', " it's; 1,2\t|3", '#') }),
);

/** The format of a file. */
const style = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  /** The delimiter that the first line names; usually it names none. */
  named: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 6 },
    fc.constantFrom(',', ';', '\t', '|', '^', '\x01'),
  ),
  lineBreaks: fc.oneof(
    fc.constantFrom(['\n'], ['\r\n'], ['\r']),
    fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 2, maxLength: 4 }),
  ),
  between: fc.array(between, { minLength: 1, maxLength: 4 }),
  endsWithBreak: fc.boolean(),
  quoted: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  /** Blanks in front of quoted fields, where the dataset lets them go. */
  blanks: fc.constantFrom('', ' ', '  '),
  hasNote: fc.boolean(),
  /** Which records end with a delimiter too many. */
  trailing: fc.constantFrom('none', 'none', 'none', 'rows', 'header', 'all'),
  order: fc.array(fc.nat({ max: 9 }), { minLength: 6, maxLength: 6 }),
  names: fc.nat(),
  extra: fc.constantFrom([], ['extra'], ['x,y;z|t', 'Extra "2"']),
  /** Lines in front of the header, where the dataset has such lines. */
  preamble: fc.array(fc.constantFrom('', 'Report of 1 May', 'size', 'a,b;c\td|e'), {
    minLength: 3,
    maxLength: 3,
  }),
  /** First cells of the footer's rows, where the dataset has a footer. */
  footer: fc.constantFrom([], [['Total']], [['', 'total']], [['SUMME: 3', 'x'], ['x'], [' y "1"', '\n']]),
});

/** The format of a file, of which a dataset may use only a part. */
export type Style = typeof style extends fc.Arbitrary<infer Value> ? Value : never;

/** @param maxRows maximum number of rows. */
export function validFile(maxRows: number): fc.Arbitrary<ValidFile> {
  return fc.constantFrom(...Object.keys(datasets)).chain((name) =>
    fc
      .oneof(
        fc.constantFrom(...(datasets[name] ?? [])).map((encoding) => ({ encoding, bom: '' })),
        fc.constantFrom(...WITH_BOM).map((encoding) => ({ encoding, bom: '\uFEFF' })),
      )
      .chain(({ encoding, bom }) => {
        const dataset = fixtureDataset(name);
        const columns = columnsOf(name, encoding);
        const cells = Object.fromEntries(Object.entries(columns).map(([key, { cell }]) => [key, cell]));
        const rows = fc.array(fc.record({ cells: fc.record(cells), other: textOf(name, encoding) }), {
          // Without a header and without rows, a file is empty.
          minLength: dataset.header === false ? 1 : 0,
          maxLength: maxRows,
        });
        return fc.tuple(style, rows).map(([how, made]) => {
          const { header, body, ...yielded } = written(dataset, columns, how, made);
          const start = iconv.encode(bom + header, encoding);
          return {
            dataset: name,
            bytes: Buffer.concat([start, iconv.encode(body, encoding)]),
            headerEnd: start.length,
            ...yielded,
          };
        });
      }),
  );
}
