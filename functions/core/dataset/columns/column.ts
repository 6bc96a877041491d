/**
 * What all kinds of columns have in common. A kind declares its options in one schema, from which their type and their
 * check follow, and turns the text of a cell into the value that is stored. A column whose options are wrong carries
 * its problems; the dataset reports them. No reason carries the cell itself, since reasons end in the execution's
 * history.
 */

import * as z from 'zod/mini';
import { choiceOf, mustBe, optionsOf, type Problem, problemsOf } from '../options.ts';
import type { RejectCode } from '../reject-codes.ts';
import type { Storable } from '../storable.ts';

/** Why a cell is refused. */
export class CellFault {
  readonly code: RejectCode;
  /** What a sentence says about the cell after the column's name, without any of the cell's text. */
  readonly reason: string;
  /** What the dataset's own words say of it; for the list of rejected rows alone. */
  readonly detail: string | undefined;

  constructor(code: RejectCode, reason: string, detail?: string) {
    this.code = code;
    this.reason = reason;
    this.detail = detail;
  }
}

/** The fault of a cell that breaks a rule of the user's own, in the user's words if there are any. */
export function ownFault(words: string | undefined): CellFault {
  return new CellFault('invalid', 'breaks a rule of the dataset', words);
}

export const string = z.string({ error: mustBe('a string') });
export const strings = z.readonly(z.array(string, { error: mustBe('an array of strings') }));

/** The options that every kind of column has. */
export const COMMON = {
  /** Other names that a header may have for the column. */
  aliases: z.exactOptional(strings),
  /** Whether a file must have the column; true by default. All cells of a missing column are empty. */
  required: z.exactOptional(z.boolean({ error: mustBe('true or false') })),
  /**
   * What to do with an empty cell: `reject` the row, `omit` the attribute, or store it as `null` or as empty `text`.
   * By default `reject`, and `omit` for a column that is not required.
   */
  empty: z.exactOptional(choiceOf(['reject', 'omit', 'null', 'text'])),
  /** Cells that are treated as empty, in the same case, such as `NA`; by default those of the dataset. */
  nulls: z.exactOptional(strings),
  /** The attribute of the item; by default the column's name. A dot makes a map: `customer.address.city`. */
  attribute: z.exactOptional(string),
};

export const columnOptions = optionsOf(COMMON);
export type ColumnOptions = z.input<typeof columnOptions>;

export type Empty = NonNullable<ColumnOptions['empty']>;

/** What becomes of an empty cell under these options. */
type EmptyOf<Options> = Options extends { readonly empty: infer Declared extends Empty }
  ? Declared
  : Options extends { readonly required: false }
    ? 'omit'
    : 'reject';

/** The attribute that these options name. */
type AttributeOf<Options> = Options extends { readonly attribute: infer Declared extends string }
  ? Declared
  : undefined;

/** The options, none of which is unknown; the compiler looks for others only in types that are not parameters. */
export type Known<Options, Allowed> = Options & {
  readonly [Name in Exclude<keyof Options, keyof Allowed> &
    string]: `${Name} is not an option of this column`;
};

/** What a column stores, as far as keys, sets and times depend on it; a `moment` is text, too; `unknown` for a schema of the user's own. */
export type StoredAs = 'text' | 'moment' | 'boolean' | 'integer' | 'decimal' | 'binary' | 'other' | 'unknown';

/**
 * @typeParam Value that is stored for a cell which is not empty.
 * @typeParam WhenEmpty what is stored for one that is.
 * @typeParam Attribute that is declared, if any.
 */
export interface Column<
  Value,
  WhenEmpty extends Empty = Empty,
  Attribute extends string | undefined = string | undefined,
> {
  readonly aliases: readonly string[];
  readonly required: boolean;
  readonly empty: WhenEmpty;
  /** Cells that are treated as empty; undefined for those of the dataset. */
  readonly nulls: ReadonlySet<string> | undefined;
  readonly storedAs: StoredAs;
  /** As it is declared; undefined for the column's name. */
  readonly attribute: Attribute;
  /** What is wrong with its options. A column with a problem cannot be read. */
  readonly problems: readonly Problem[];
  /** Reads a cell that is trimmed and not empty. */
  readonly read: (cell: string) => Value | CellFault;
}

/**
 * Checks a column's options, and makes the column.
 * @param makeReader throws a RangeError where options contradict each other; its message follows the column's name.
 */
export function column<Value, Options, Checked extends ColumnOptions>(
  storedAs: StoredAs,
  schema: z.ZodMiniType<Checked>,
  options: unknown,
  makeReader: (options: Checked) => Column<Value>['read'],
): Column<Value, EmptyOf<Options>, AttributeOf<Options>> {
  const { data: checked, error: refusal } = schema.safeParse(options ?? {});
  const problems = problemsOf(refusal);
  let read: Column<Value>['read'] = () => {
    throw new RangeError('A column whose options are invalid cannot be read.');
  };
  try {
    if (checked !== undefined) read = makeReader(checked);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.push({ path: [], message: error.message });
  }
  const {
    aliases = [],
    required = true,
    empty = required ? 'reject' : 'omit',
    nulls: markers,
    attribute,
  }: ColumnOptions = checked ?? {};
  const nulls = markers && new Set(markers);
  return {
    aliases,
    required,
    // The same rules as EmptyOf's and AttributeOf's, which the compiler cannot follow.
    empty: empty as EmptyOf<Options>,
    attribute: attribute as AttributeOf<Options>,
    nulls,
    storedAs,
    problems,
    read,
  };
}

/**
 * What is stored for a cell.
 * @returns undefined when the attribute is left out
 */
export function storedValue(
  column: Column<Storable>,
  cell: string | undefined,
): Storable | undefined | CellFault {
  const value = readCell(column, cell);
  if (!(value instanceof CellFault) || cell === undefined) return value;
  const more = [invisibleIn(cell), markerIn(cell)].filter((part) => part !== undefined);
  return more.length === 0
    ? value
    : new CellFault(value.code, [value.reason, ...more].join('; '), value.detail);
}

/** As {@link storedValue}, without what else is to be said of a cell that is refused. */
export function readCell(
  column: Column<Storable>,
  cell: string | undefined,
): Storable | undefined | CellFault {
  const trimmed = cell?.trim() ?? '';
  if (trimmed === '' || column.nulls?.has(trimmed)) return WHEN_EMPTY[column.empty];
  return column.read(trimmed);
}

/** Names the first character that nobody can see. */
function invisibleIn(cell: string): string | undefined {
  const found = /[\u00AD\u200B-\u200F\u2060\uFEFF]/.exec(cell)?.[0];
  if (found === undefined) return undefined;
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `it contains the invisible character U+${code}`;
}

/** Cells that programs write where there is no value. */
const MARKERS = /^(?:[-.?]{1,3}|#?n\/?a|null|none|nil|nan|\\n|0000-00-00(?:[ T]00:00:00)?)$/i;

function markerIn(cell: string): string | undefined {
  const isMarker = cell.length <= 20 && MARKERS.test(cell.trim());
  return isMarker ? 'if it stands for no value, declare it in nulls' : undefined;
}

const WHEN_EMPTY: Readonly<Record<Empty, CellFault | undefined | null | ''>> = {
  reject: new CellFault('empty', 'is empty'),
  omit: undefined,
  null: null,
  text: '',
};

/** The most words that a reason lists. */
const MAX_LISTED = 20;

/** Words in a reason. */
export function listed(words: readonly string[]): string {
  const more = words.length - MAX_LISTED;
  return words.slice(0, MAX_LISTED).join(', ') + (more > 0 ? ` and ${more} others` : '');
}
