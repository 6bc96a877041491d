/** Columns whose cells are one of a few words. */

import type * as z from 'zod/mini';
import { normalisedName } from '../names.ts';
import { optionsOf } from '../options.ts';
import { CellFault, COMMON, type ColumnOptions, column, type Known, listed, strings } from './column.ts';

const booleanWords = optionsOf({
  /** Words for true, in any case. */
  true: strings,
  /** Words for false, in any case. */
  false: strings,
});
export type BooleanWords = z.input<typeof booleanWords>;

const booleanOptions = optionsOf({ ...COMMON, words: booleanWords });

/** True or false, written as one of the declared words. */
export function boolean<const Options extends ColumnOptions>(
  words: BooleanWords,
  options?: Known<Options, ColumnOptions>,
) {
  return column<boolean, Options, z.output<typeof booleanOptions>>(
    'boolean',
    booleanOptions,
    { ...options, words },
    ({ words }) => {
      const byWord = new Map(words.true.map((word) => [normalisedName(word), true]));
      for (const word of words.false) {
        if (byWord.get(normalisedName(word)))
          throw new RangeError(`cannot have ${JSON.stringify(word)} for both true and false`);
        byWord.set(normalisedName(word), false);
      }
      const fault = new CellFault(
        'not_a_boolean',
        `is not one of ${listed([...words.true, ...words.false])}`,
      );
      return (cell) => byWord.get(normalisedName(cell)) ?? fault;
    },
  );
}

const listOptions = optionsOf({ ...COMMON, values: strings });

/** One of the given values, in the same case. */
export function oneOf<const Value extends string, const Options extends ColumnOptions>(
  values: readonly Value[],
  options?: Known<Options, ColumnOptions>,
) {
  return column<Value, Options, z.output<typeof listOptions>>(
    'text',
    listOptions,
    { ...options, values },
    () => {
      const byText = new Map<string, Value>(values.map((value) => [value, value]));
      const fault = new CellFault('not_in_list', `is not one of ${listed(values)}`);
      return (cell) => byText.get(cell) ?? fault;
    },
  );
}
