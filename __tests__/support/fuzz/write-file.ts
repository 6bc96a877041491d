/** Writes random rows as the file that a dataset expects. */

import type { Dataset } from '../../../functions/core/dataset/dataset.ts';
import { type Cell, type FileColumn, keyOf } from './fuzz-cells.ts';
import type { Style, ValidFile } from './fuzz-files.ts';

type Rows = readonly { readonly cells: Readonly<Record<string, Cell>>; readonly other: string }[];

/** Writes a file and what it yields. */
export function written(
  dataset: Dataset,
  columns: Readonly<Record<string, FileColumn>>,
  how: Style,
  rows: Rows,
): { readonly header: string; readonly body: string } & Pick<ValidFile, 'items' | 'blank' | 'footer'> {
  const { header: place, quoting } = dataset;
  const { named, lineBreaks, trailing } = how;
  const [declared = ',', ...others] = dataset.delimiters;
  const delimiter = named ?? (others.length === 0 ? declared : how.delimiter);
  const record = recordWriter(dataset, delimiter, how);
  const [firstBreak = '\n'] = lineBreaks;
  const ends = {
    header: trailing === 'header' || trailing === 'all',
    rows: trailing !== 'none' && trailing !== 'header',
  };

  const names = Object.keys(columns).filter((name) => name !== 'note' || how.hasNote || place === false);
  const ordered =
    place === false
      ? names
      : [...names, ...how.extra]
          .map((name, index) => ({ name, rank: how.order[index] ?? 0 }))
          .sort((one, other) => one.rank - other.rank)
          .map(({ name }) => name);

  let blank = 0;
  const filler = (index: number): string => {
    const {
      breaks,
      blank: cells,
      comment,
    } = { ...how.between[index % how.between.length] } as Partial<Filler>;
    if (comment !== undefined)
      return quoting.comments === undefined ? '' : quoting.comments + comment + firstBreak;
    if (cells === undefined) return breaks ?? '';
    const { quote = '"' } = quoting;
    const line = cells.map((cell) => (cell === 'quotes' ? quote + quote : cell)).join(delimiter);
    if (line === '') return '';
    blank += 1;
    return line + firstBreak;
  };

  const start = named === undefined ? [] : [`sep=${named}${trailing === 'all' ? named : ''}`];
  if (place !== false) {
    // The line that names the delimiter is one of those that are skipped.
    if (place.skip) start.push(...how.preamble.slice(start.length));
    if (place.find) start.push(...how.preamble);
  }
  const header = start.map((line) => line + firstBreak).join('');
  const first = ordered.map((name) => {
    const spellings = columns[name]?.names ?? [name];
    return spellings[how.names % spellings.length] ?? name;
  });
  const head = place === false ? '' : filler(0) + record(first, ends.header) + firstBreak;
  blank = 0;

  const footer = dataset.footer === undefined ? [] : how.footer;
  const lines = [
    ...rows.map(({ cells, other }) => ordered.map((name) => cells[name]?.[0] ?? other)),
    ...footer.map((cells) => ordered.map((_, index) => cells[index] ?? '')),
  ];
  const body = lines
    .map((cells, index) => {
      const line = record(cells, ends.rows);
      if (index === lines.length - 1 && !how.endsWithBreak) return line;
      return line + (lineBreaks[index % lineBreaks.length] ?? '\n') + filler(index);
    })
    .join('');
  const items = rows.map(({ cells }) => {
    const values = Object.keys(columns)
      .map((name) => [name, names.includes(name) ? cells[name]?.[1] : undefined] as const)
      .filter(([, value]) => value !== undefined);
    const item = Object.fromEntries(values);
    return { ...keyOf(dataset.name, item), ...item };
  });
  return { header: header + head, body, items, blank, footer: footer.length };
}

interface Filler {
  readonly breaks: string;
  readonly blank: readonly string[];
  readonly comment: string;
}

/** A writer of records in the dataset's dialect, which quotes more fields than needed. */
function recordWriter(
  { quoting, header }: Dataset,
  delimiter: string,
  { quoted, blanks, named }: Style,
): (fields: readonly string[], hasTrailing: boolean) => string {
  const { quote = '"', escape: escapes = quote, relaxQuotes = false, ltrim = false, comments } = quoting;
  // Without a header, only quotes show which of several delimiters it is.
  const isAllQuoted = header === false && named === undefined;
  let count = 0;
  const field = (value: string, index: number): string => {
    count += 1;
    const isQuoted =
      isAllQuoted ||
      quoted[count % quoted.length] ||
      /[\r\n]/.test(value) ||
      value.includes(delimiter) ||
      (relaxQuotes ? value.trimStart().startsWith(quote) : value.includes(quote)) ||
      (index === 0 && comments !== undefined && value.startsWith(comments));
    if (!isQuoted) return value;
    const escaped = escapes === quote ? value : value.replaceAll(escapes, escapes + escapes);
    return (ltrim ? blanks : '') + quote + escaped.replaceAll(quote, escapes + quote) + quote;
  };
  return (fields, hasTrailing) => fields.map(field).join(delimiter) + (hasTrailing ? delimiter : '');
}
