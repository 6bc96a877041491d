/** Prints the result of a dry run for a person to read. */

import { styleText } from 'node:util';
import { textTable } from '../../report/terminal/table.ts';
import type { CheckResult } from './check-file.ts';
import type { ColumnProfile } from './profile.ts';

/** The summary of a dry run. */
export function checkSummary(result: CheckResult): string {
  const sections = [
    section('Detected', detected(result)),
    section('Columns', columns(result)),
    section('Counts', counts(result)),
    section('First rejected rows', rejected(result)),
    ...result.warnings.map((warning) => `${styleText('yellow', 'Warning')}  ${warning}`),
    verdict(result),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function section(title: string, content: string): string {
  return content === '' ? '' : `${styleText('bold', title)}\n${content}`;
}

function detected({ dataset, detected: format }: CheckResult): string {
  if (format === null) return '';
  const ignored = format.ignored_columns;
  return textTable(
    [],
    [
      ['dataset', dataset],
      ['compression', format.compression],
      ['encoding', format.encoding],
      ['delimiter', format.delimiter],
      ['header lines', format.header_lines],
      ...(ignored.length === 0 ? [] : [['ignored columns', ignored.join(', ')]]),
    ],
  );
}

function columns(result: CheckResult): string {
  if (result.columns.length === 0) return '';
  return textTable(
    ['Column', 'In the file', 'Filled', 'Empty', 'Rejected', 'Distinct', 'Smallest', 'Largest'],
    result.columns.map(columnRow),
    ['left', 'left', 'right', 'right', 'right', 'right', 'left', 'left'],
  );
}

function columnRow(column: ColumnProfile): string[] {
  const { name, header, filled, empty, rejected, distinct, moreDistinct, smallest, largest } = column;
  if (header === null) return [name, '(missing)', '', '', '', '', '', ''];
  return [
    name,
    header,
    ...[filled, empty, rejected].map(formatted),
    distinct === null ? '' : `${formatted(distinct)}${moreDistinct ? '+' : ''}`,
    smallest ?? '',
    largest ?? '',
  ];
}

function counts({ detected: format, counts: rows, rejects }: CheckResult): string {
  if (format === null) return '';
  const duplicates =
    rows.duplicates === null
      ? 'duplicates not counted: too many keys'
      : `${formatted(rows.duplicates)} duplicates`;
  const blank = rows.blank === 0 ? '' : `, ${formatted(rows.blank)} blank`;
  const footer = rows.footer === 0 ? '' : `, ${formatted(rows.footer)} in the footer`;
  const line = `${formatted(rows.read)} read, ${formatted(rows.rejected)} rejected, ${duplicates}${blank}${footer}`;
  if (rejects.length === 0) return line;
  const cells = rejects.map(({ code, column, rows: count }) => [code, column ?? '', formatted(count)]);
  return `${line}\n${textTable(['Code', 'Column', 'Rows'], cells, ['left', 'left', 'right'])}`;
}

function rejected({ rejected: rows }: CheckResult): string {
  if (rows.length === 0) return '';
  const cells = rows.map(({ line, column, reason }) => [line, column, reason]);
  return textTable(['Line', 'Column', 'Reason'], cells);
}

function verdict({ accepted, error, cause, counts: rows }: CheckResult): string {
  if (!accepted) {
    return `${styleText('red', 'Nothing would be loaded')}: ${error}: ${cause ?? ''}`;
  }
  const { read, rejected: rejectedRows, duplicates } = rows;
  const excluded = [
    ...(rejectedRows > 0 ? [`${formatted(rejectedRows)} rejected`] : []),
    ...(duplicates !== null && duplicates > 0 ? [`${formatted(duplicates)} duplicates`] : []),
  ].join(' and ');
  const loaded = read - rejectedRows - (duplicates ?? 0);
  const without = excluded === '' ? '' : `, without ${excluded}`;
  return `${styleText('green', 'The file would be loaded')}: ${formatted(loaded)} of ${formatted(read)} rows${without}.`;
}

function formatted(count: number): string {
  return count.toLocaleString('en');
}
