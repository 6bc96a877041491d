/** Finds out what is wrong with a header that lacks columns: another delimiter, or another line, may have them. */

import { DELIMITERS } from '../../dataset/dataset.ts';
import { countLineBreaks } from '../framing.ts';
import type { Decoded, Fit, Head } from '../header.ts';
import type { CsvRecord } from '../records.ts';

/** Delimiters that are tried beside those that are detected; the dataset may declare them. */
const RARE_DELIMITERS = [':', '^', '~', '\x01', '\x1f'];

/** What else may be a delimiter: an ASCII character that is no letter, digit, blank or quote. */
const PUNCTUATION = /^(?![\w"])[!-~]$/;

export interface Hint {
  /** What is wrong, if it is not that columns are missing. */
  readonly problem?: string;
  /** What to do, as a sentence. */
  readonly advice: string;
}

/** The record that was taken for the header. */
interface Taken {
  /** Byte from which the header was read. */
  readonly start: number;
  readonly record: CsvRecord;
  readonly delimiter: string;
  /** Number of the dataset's columns in it. */
  readonly columns: number;
}

/**
 * What to do about a header that lacks columns. No cell of the file is part of it.
 * @param declared delimiters that the dataset accepts.
 * @param lines that are searched.
 * @param isSearched whether the dataset's files are searched for their header, with the declared delimiters.
 */
export function hintFor(
  head: Head,
  { start, record, delimiter, columns }: Taken,
  options: {
    readonly fitOf: (decoded: Decoded) => Fit;
    readonly declared: readonly string[];
    readonly lines: number;
    readonly isSearched: boolean;
  },
): Hint | undefined {
  const { fitOf, declared, lines, isSearched } = options;
  const characters = new Set(record.raw.toString('latin1'));
  const punctuation = [...characters].filter((character) => PUNCTUATION.test(character));
  const tried = new Set([delimiter, ...declared, ...DELIMITERS, ...RARE_DELIMITERS, ...punctuation]);
  let best: (Fit & { readonly delimiter: string; readonly at: number }) | undefined;
  for (const each of tried) {
    for (const decoded of head.records(each, start, lines)) {
      const found = fitOf(decoded);
      const isBetter =
        best === undefined ? found.columns > Math.max(columns, 0) : found.columns > best.columns;
      if (isBetter) best = { ...found, delimiter: each, at: decoded.record.start };
    }
  }
  const line = (at: number): number => countLineBreaks(head.bytes, 0, at) + 1;
  const declare = `declare delimiter: ${shownDelimiter(best?.delimiter ?? delimiter)} in the dataset`;
  const isDeclared = best !== undefined && declared.includes(best.delimiter);
  if (best !== undefined && best.at === record.start) {
    const count = record.fields?.length ?? 0;
    return {
      problem: `line ${line(record.start)} has ${count} field${count === 1 ? '' : 's'} with ${shownDelimiter(delimiter)}; with ${shownDelimiter(best.delimiter)} ${best.columns} columns fit`,
      advice: isDeclared
        ? 'Correct the line that names the delimiter.'
        : `Save the file with ${shownDelimiter(delimiter)}, or ${declare}.`,
    };
  }
  if (best?.isComplete) {
    const place = line(best.at);
    // It is searched for with the declared delimiters only, and not in a line that is too long to be searched.
    if (isSearched) {
      const where = isDeclared ? `declare header: { skip: ${place - 1} } in the dataset` : declare;
      return { advice: `Line ${place} has the columns: ${where}.` };
    }
    const also = isDeclared ? '' : `, and ${declare}`;
    return {
      advice: `Line ${place} has the columns: declare header: { find: true } in the dataset, or { skip: ${place - 1} }${also}.`,
    };
  }
  if (columns > 0) return undefined;
  const noHeader =
    'Check that the file belongs to this dataset. If it has no header, declare header: false in the dataset';
  return {
    advice: isSearched
      ? `No header was found in the first ${lines} lines. ${noHeader}.`
      : `${noHeader}; if lines precede it, header: { find: true }.`,
  };
}

/** A delimiter as a message shows it. */
export function shownDelimiter(delimiter: string): string {
  if (delimiter === '\t') return "'\\t'";
  return delimiter < ' ' ? `'\\x${delimiter.charCodeAt(0).toString(16).padStart(2, '0')}'` : `'${delimiter}'`;
}
