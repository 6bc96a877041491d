/** Guesses a dataset from a sample of its files. */

import { basename } from 'node:path';
import { CSV_SUFFIXES } from '../../functions/core/container/containers.ts';
import { isUtf16 } from '../../functions/core/csv/encoding.ts';
import { text } from '../../functions/core/dataset/columns.ts';
import { dataset, type NamedColumn } from '../../functions/core/dataset/dataset.ts';
import type { Quoting } from '../../functions/core/dataset/file-format/quoting.ts';
import { MAX_KEY_BYTES } from '../../functions/core/dataset/key.ts';
import { HeaderError } from '../../functions/core/errors.ts';
import type { Encoding } from '../../functions/core/messages.ts';
import { UsageError } from '../../report/terminal/errors.ts';
import { type ColumnEvidence, type ColumnGuess, columnOf, counted } from './column/guess-column.ts';
import { type NamedField, type NamedFields, nameColumns } from './column-names.ts';
import type { DatasetText } from './dataset-source.ts';
import { guessKey, type KeyCandidate, type Rank, rankOf } from './guess-key.ts';
import { type Limits, Sample } from './sample.ts';
import { type Survey, survey, validRows } from './survey.ts';

/** Rows in which names, say, are different by chance. */
const FEW_ROWS = 1_000;

/** Digits to which a whole number in a sort key is padded at least. */
const MIN_SORT_DIGITS = 9;

/** Characters of a dataset's name. */
const MAX_NAME = 32;

export interface Draft {
  readonly text: DatasetText;
  /** Rows that the guess is based on. */
  readonly rows: number;
  /** What a person has to know first. */
  readonly warnings: readonly string[];
}

/** A column of the file, and everything known about it. */
interface Guessed {
  readonly field: NamedField;
  readonly evidence: ColumnEvidence;
  readonly guess: ColumnGuess;
  readonly column: NamedColumn;
}

/**
 * Makes a dataset's name from the name of a file.
 * @throws UsageError if the file's name has no letter
 */
export function nameAfter(path: string): string {
  const name = withoutSuffixes(basename(path))
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+/, '')
    .slice(0, MAX_NAME)
    .replace(/-$/, '');
  if (name === '') throw new UsageError(`Cannot make a dataset name from ${path}. Give one with --name.`);
  return name;
}

/** The name without the suffixes of CSV files and their containers, or else without its extension. */
function withoutSuffixes(name: string): string {
  let rest = name;
  const suffixOf = (text: string) => CSV_SUFFIXES.find((each) => text.toLowerCase().endsWith(each));
  for (let suffix = suffixOf(rest); suffix !== undefined; suffix = suffixOf(rest)) {
    rest = rest.slice(0, -suffix.length);
  }
  return rest === name ? name.replace(/\.[^.]*$/, '') : rest;
}

/** @throws UsageError if the name is not a valid dataset name */
export function checkName(name: string): void {
  const { problem } = dataset({ name, columns: { id: text() }, key: '{id}' });
  if (problem !== undefined) throw new UsageError(problem);
}

/**
 * Guesses a dataset.
 * @throws UsageError if the file cannot be read, or has nothing to guess from
 * @throws HeaderError, DecompressionError, NotCsvError as the pipeline does
 */
export async function draftDataset(path: string, name: string, limits?: Limits): Promise<Draft> {
  const { sample, found } = await bestSample(path, limits);
  const { names: fields } = sample;
  const { delimiter } = sample.header;
  const names = nameColumns(fields);
  const { named } = names;
  if (named.length === 0) {
    throw new UsageError(
      `The header of ${path} has no usable column names: all are empty or repeated. Give each column a name of its own.`,
    );
  }
  const { rows, invalid, encoding } = found;
  if (rows === 0) {
    throw new UsageError(
      invalid === 0
        ? `${path} has a header but no rows to guess from.`
        : `None of the ${counted(invalid, 'row')} of ${path} is valid CSV with ${counted(fields.length, 'field')}, as its header has.`,
    );
  }
  const guessed = guessColumns(named, found);
  const prefix = `${name.toUpperCase()}#`;
  const key = await keyOf(guessed, prefix, found, () => validRows(sample, found), path);
  const [first, second] = key.columns;
  const ofColumns = guessed.flatMap(({ field, guess }) =>
    guess.warning === undefined ? [] : [`The column ${field.name} ${guess.warning}`],
  );
  const warnings = [
    ...encodingWarnings(sample, encoding),
    ...placeWarnings(sample),
    ...quotingWarnings(sample),
    ...leftOut(names),
    ...warningsAbout(found),
    ...ofColumns,
    ...key.warnings,
  ];
  return {
    rows,
    warnings,
    text: {
      name,
      about: [
        `Guessed from ${counted(rows, 'row')} of ${JSON.stringify(basename(path))} by \`npm run new-dataset\`. Check every column, and the key above all.`,
        ...warnings,
      ],
      columns: guessed.map(({ field, evidence, guess }) => {
        const { form, nulls, reason } = guess;
        const empty = emptyCells({ evidence, guess });
        const mayBeEmpty = empty > 0 && !key.columns.includes(field.name);
        const about = `${filling(evidence, empty, mayBeEmpty)}: ${reason}.`;
        return { name: field.name, aliases: field.aliases, form, nulls, mayBeEmpty, about };
      }),
      key: `${prefix}{${first}}`,
      sort: second === undefined ? undefined : `{${sortPart(guessed, second)}}`,
      aboutKey: key.about,
      delimiter: delimiter === ',' ? undefined : delimiter,
      encodings: encodingsOf(encoding),
      quoting: sample.quoting,
      footer: found.total,
      header: sample.place.isRow ? false : sample.place.isFound ? { find: true } : undefined,
    },
  };
}

/** The encodings to declare; undefined for those that are read in any case. */
function encodingsOf(encoding: Encoding): readonly string[] | undefined {
  if (encoding === 'utf-8' || isUtf16(encoding)) return undefined;
  return encoding === 'windows-1252' ? ['utf-8', encoding] : [encoding];
}

function encodingWarnings({ likeness }: Sample, encoding: Encoding): string[] {
  if (encodingsOf(encoding) === undefined) return [];
  const { isSure } = likeness ?? { isSure: false };
  return [
    `The sample is not UTF-8. It ${isSure ? 'looks like' : 'may be'} ${encoding}; check that its letters are read correctly, and declare another encoding if not.`,
  ];
}

function placeWarnings({ place: { isFound, isRow, skipped } }: Sample): string[] {
  if (isRow) {
    return [
      'Line 1 looks like data, so the file seems to have no header. The columns are numbered, and read by their positions. Give them names; if line 1 is a header, remove `header: false`.',
    ];
  }
  if (!isFound) return [];
  const are = skipped === 1 ? 'is' : 'are';
  return [
    `${counted(skipped, 'line')} in front of the header ${are} skipped. The dataset takes the first line that has all its columns.`,
  ];
}

/** How files may use quotes and comments, the usual first. */
const QUOTINGS: readonly Quoting[] = [
  {},
  { comments: '#' },
  { ltrim: true },
  { escape: '\\' },
  { relaxQuotes: true },
  { quote: "'" },
];

/** Reads the sample as usual, or in the first of the ways in which all of its rows are valid. */
async function bestSample(path: string, limits: Limits | undefined) {
  let usual: { readonly sample: Sample; readonly found: Survey } | undefined;
  let failure: unknown;
  for (const quoting of QUOTINGS) {
    // If quotes do not count, any damaged header is valid.
    const isLax = quoting.relaxQuotes !== undefined || quoting.quote !== undefined;
    if (isLax && usual === undefined) continue;
    try {
      const sample = await Sample.open(path, limits, quoting);
      const found = await survey(sample);
      // With other quotes, an unclosed quote would be text.
      const isPlausible = quoting.quote === undefined || !sample.hasQuotes;
      if (found.invalid === 0 && found.rows > 0 && isPlausible) return { sample, found };
      if (quoting === QUOTINGS[0]) usual = { sample, found };
    } catch (error) {
      if (!(error instanceof HeaderError)) throw error;
      failure ??= error;
    }
  }
  if (usual === undefined) throw failure;
  return usual;
}

function quotingWarnings({ quoting }: Sample): string[] {
  const options = Object.entries(quoting).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  if (options.length === 0) return [];
  return [
    `The sample is valid CSV only with ${options.join(', ')}, which the dataset declares. Check its cells.`,
  ];
}

const TOTAL_WARNING =
  'The file ends with what looks like a total, or like a mark of its end. The dataset leaves out such a row, with all rows after it, as the footer; if it is data, remove `footer`.';

/** Positions that a warning lists. */
const MAX_LISTED = 5;

function leftOut({ unnamed, doubled }: NamedFields): string[] {
  const warnings: string[] = [];
  if (unnamed.length > 0) {
    const [have, are] = unnamed.length === 1 ? ['has', 'is'] : ['have', 'are'];
    warnings.push(`${listedColumns(unnamed)} ${have} no name in the header and ${are} left out.`);
  }
  if (doubled.length > 0) {
    warnings.push(
      `${listedColumns(doubled)} have the same names in the header as others, so they cannot be distinguished and are left out. To load them, give each a name of its own.`,
    );
  }
  return warnings;
}

/** For example `Column 3`, `Columns 3 and 5` or `16,000 columns (3, 4, 5, 6, 7, …)`. */
function listedColumns(positions: readonly number[]): string {
  const numbers = positions.slice(0, MAX_LISTED).map((position) => String(position + 1));
  if (positions.length > MAX_LISTED)
    return `${counted(positions.length, 'column')} (${numbers.join(', ')}, …)`;
  const last = numbers.pop();
  return numbers.length === 0 ? `Column ${last}` : `Columns ${numbers.join(', ')} and ${last}`;
}

function warningsAbout({ rows, invalid, repeated, total, isCut }: Survey): string[] {
  const warnings: string[] = [];
  if (repeated > 0) {
    warnings.push(
      `${counted(repeated, 'row')} that ${repeated === 1 ? 'repeats' : 'repeat'} the header: ignored here, rejected by the dataset.`,
    );
  }
  if (total !== undefined) warnings.push(TOTAL_WARNING);
  if (invalid > 0) {
    warnings.push(
      `${counted(invalid, 'row')} with invalid CSV or another number of fields than the header: ignored here, rejected by the dataset.`,
    );
  }
  if (isCut) warnings.push(`Reading stopped after ${counted(rows + invalid, 'row')}; the file has more.`);
  return warnings;
}

function guessColumns(named: readonly NamedField[], { columns }: Survey): Guessed[] {
  const hasCommas = columns
    .map((evidence) => evidence.guess(false))
    .some(({ form }) => form.kind === 'decimal' && form.options.point === ',');
  return named.map((field) => {
    const evidence = columns[field.position];
    if (evidence === undefined) throw new Error(`The header has no column ${field.position}.`);
    const guess = evidence.guess(hasCommas);
    return {
      field,
      evidence,
      guess,
      column: { ...columnOf(guess.form), name: field.name, path: [field.name] },
    };
  });
}

interface Key {
  /** Names of the key's one or two columns. */
  readonly columns: readonly string[];
  readonly about: string;
  readonly warnings: readonly string[];
}

async function keyOf(
  guessed: readonly Guessed[],
  prefix: string,
  { rows }: Survey,
  read: () => AsyncIterable<readonly string[]>,
  path: string,
): Promise<Key> {
  const fitting = guessed.filter(({ evidence }) => evidence.longest + prefix.length <= MAX_KEY_BYTES.key);
  const candidates = fitting.filter((each) => emptyCells(each) === 0);
  const unique = await guessKey(candidates.map(toCandidate), read, rows);
  if (unique !== undefined) {
    const columns = unique.map(({ column }) => column.name);
    const all = counted(rows, 'row');
    const about =
      columns.length === 1
        ? `Never empty, and unique in the ${all}.`
        : `No better column is unique in the ${all}; these two together are, and never empty.`;
    const doubt = rows < FEW_ROWS ? ' With so few rows, this may be chance.' : '';
    return { columns, about: about + doubt, warnings: keyWarnings(unique, rows) };
  }
  const fullest = fitting.toSorted((one, other) => emptyCells(one) - emptyCells(other))[0];
  if (fullest === undefined) {
    throw new UsageError(
      `No column of ${path} can be the key, because each has a cell of more than ${MAX_KEY_BYTES.key - prefix.length} bytes.`,
    );
  }
  const { field } = fullest;
  const empty = emptyCells(fullest);
  const warnings = [
    `The key is NOT unique in the sample: of the rows with the same ${field.name}, only the last is loaded. Choose columns that identify a row.`,
    ...(empty > 0
      ? [
          `No column is always filled. Rows without ${field.name} have no key and are rejected: ${counted(empty, 'row')} of the sample.`,
        ]
      : []),
  ];
  return { columns: [field.name], about: warnings.join(' '), warnings };
}

/** Cells that are empty, or treated so. */
function emptyCells({ evidence, guess }: Pick<Guessed, 'evidence' | 'guess'>): number {
  return evidence.empty + guess.marked;
}

/** What is doubtful about a key that is unique in the sample. */
function keyWarnings(key: readonly KeyCandidate[], rows: number): string[] {
  const names = key.map(({ column }) => column.name).join(' and ');
  const shared = key
    .filter(({ rank }) => rank in SHARED)
    .map(({ column, rank }) => `${column.name} is ${SHARED[rank]}`);
  if (shared.length > 0) {
    return [
      `The key may not stay unique: ${shared.join(', and ')}, which other rows may have too. Choose columns that identify a row.`,
    ];
  }
  const isSure = rows >= FEW_ROWS || key.every(({ rank }) => rank === 'own');
  return isSure
    ? []
    : [
        `The key, ${names}, is unique in the ${counted(rows, 'row')}; with so few rows, this may be chance. Check that it identifies a row.`,
      ];
}

/** What columns contain that other rows may share. */
const SHARED: Readonly<Partial<Record<Rank, string>>> = {
  text: 'free text, a fraction or a boolean',
  moment: 'a date or a time',
};

/** A column as the sort key names it: a whole number with the digits to which it is padded. */
function sortPart(guessed: readonly Guessed[], name: string): string {
  const found = guessed.find(({ field }) => field.name === name);
  if (found?.column.storedAs !== 'integer') return name;
  return `${name}:${Math.max(found.evidence.longest, MIN_SORT_DIGITS)}`;
}

function toCandidate({ field, evidence, guess, column }: Guessed): KeyCandidate {
  const { position, name, aliases } = field;
  const { kind } = guess.form;
  const isMoment = kind === 'date' || kind === 'dateTime';
  const isText = kind === 'decimal' || kind === 'boolean' || evidence.isProse;
  const isInOrder = column.storedAs === 'integer' ? !evidence.hasMinus : column.storedAs !== 'decimal';
  return {
    column,
    position,
    rank: rankOf(aliases[0] ?? name, isMoment ? 'moment' : isText ? 'text' : 'value'),
    distinct: evidence.distinct,
    fitsSort: isInOrder && evidence.longest <= MAX_KEY_BYTES.sort,
  };
}

function filling({ rows }: ColumnEvidence, empty: number, mayBeEmpty: boolean): string {
  const all = counted(rows, 'row');
  const filled = rows - empty;
  if (empty === 0) return `Never empty in ${all}`;
  if (filled === 0) return `Empty in all ${all}`;
  return `Filled in ${filled.toLocaleString('en')} of ${all}, otherwise ${mayBeEmpty ? 'omitted' : 'rejected'}`;
}
