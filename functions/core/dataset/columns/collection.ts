/** Columns whose cells hold several values. */

import * as z from 'zod/mini';
import { mustBe, optionsOf } from '../options.ts';
import { NumberValue, type Storable } from '../storable.ts';
import { outOfBounds } from './bounds.ts';
import { CellFault, COMMON, type Column, column, type Known, readCell } from './column.ts';

const listOptions = optionsOf({
  ...COMMON,
  /** What stands between the elements. */
  separator: z.string({ error: mustBe('a string') }).check(z.minLength(1, 'must have a character')),
  /** A column that reads each element; its `empty` says what becomes of an empty one. */
  of: z.custom<Column<Storable>>((value) => Array.isArray(Object(value).problems), {
    error: mustBe('a column, such as text()'),
  }),
  /** Elements that a cell may have at most. */
  maxLength: z.exactOptional(z.int({ error: mustBe('a whole number') })),
});
type ListOptions = z.input<typeof listOptions>;

/** What the column in `of` stores. */
type ElementOf<Options> = Options extends { readonly of: Column<infer Value> } ? Value : never;

/** Elements between separators, stored as a list. */
export function list<const Options extends ListOptions>(options: Known<Options, ListOptions>) {
  return column<readonly Storable[], Options, ListOptions>('other', listOptions, options, elementsReader);
}

/** Elements between separators, stored as a set of text or numbers; an element that appears again is left out. */
export function set<const Options extends ListOptions>(options: Known<Options, ListOptions>) {
  type Element = ElementOf<Options>;
  return column<ReadonlySet<Element>, Options, ListOptions>('other', listOptions, options, (checked) => {
    if (!['text', 'moment', 'integer', 'decimal'].includes(checked.of.storedAs))
      throw new RangeError('is a set, whose elements (of) must be text or numbers');
    const read = elementsReader(checked);
    const none = new CellFault('empty', 'has no elements, and DynamoDB stores no empty set');
    return (cell) => {
      const elements = read(cell);
      if (elements instanceof CellFault) return elements;
      if (elements.length === 0) return none;
      const byText = new Map(elements.map((each) => [each instanceof NumberValue ? each.value : each, each]));
      // The elements are what `of` reads, which the compiler cannot follow.
      return new Set(byText.values()) as unknown as ReadonlySet<Element>;
    };
  });
}

function elementsReader({
  separator,
  of,
  maxLength = Number.POSITIVE_INFINITY,
}: ListOptions): (cell: string) => readonly Storable[] | CellFault {
  const [problem] = of.problems;
  if (problem !== undefined) throw new RangeError(`of ${[...problem.path, problem.message].join(' ')}`);
  const tooLong = outOfBounds(`has more than ${maxLength} elements`);
  return (cell) => {
    const elements: Storable[] = [];
    for (const part of cell.split(separator)) {
      const value = readCell(of, part);
      if (value instanceof CellFault)
        return new CellFault(value.code, `has an element that ${value.reason}`, value.detail);
      if (value !== undefined) elements.push(value);
    }
    return elements.length > maxLength ? tooLong : elements;
  };
}
