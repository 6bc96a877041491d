/** Columns whose cells a regular expression of the user's own accepts. */

import * as z from 'zod/mini';
import { backtracking } from '#backtracking';
import { mustBe, optionsOf } from '../options.ts';
import { COMMON, column, type Known, ownFault, string } from './column.ts';
import { lengthCheck, maxLength } from './text.ts';

/** Characters of a cell that a pattern sees by default. */
const MAX_CHARACTERS = 256;

const patternOptions = optionsOf({
  ...COMMON,
  /** Characters that a cell may have at most; 256 by default. A longer one is not tried. */
  maxLength,
  /** What is wrong with a cell that does not match; it follows the column's name in the list of rejected rows. */
  reason: z.exactOptional(string),
});
type PatternOptions = z.input<typeof patternOptions>;

const checkedOptions = optionsOf({
  ...patternOptions.shape,
  pattern: z.custom<RegExp>((value) => value instanceof RegExp, { error: mustBe('a regular expression') }),
});

/**
 * Text that matches a regular expression: all of it if the expression starts with `^` and ends with `$`. An expression
 * that takes exponential time on some cell is refused when the dataset is loaded.
 */
export function pattern<const Options extends PatternOptions>(
  regExp: RegExp,
  options?: Known<Options, PatternOptions>,
) {
  return column<string, Options, z.output<typeof checkedOptions>>(
    'text',
    checkedOptions,
    { ...options, pattern: regExp },
    ({ pattern, maxLength = MAX_CHARACTERS, reason }) => {
      if (/[gy]/.test(pattern.flags))
        throw new RangeError('has a pattern with the flag g or y, which makes it depend on the cells before');
      const problem = backtracking(pattern, maxLength);
      if (problem !== undefined) throw new RangeError(problem);
      const check = lengthCheck(maxLength);
      const fault = ownFault(reason);
      return (cell) => check(cell) ?? (pattern.test(cell) ? cell : fault);
    },
  );
}
