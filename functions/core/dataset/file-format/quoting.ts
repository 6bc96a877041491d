/** The options of a dataset that say how its files use delimiters, quotes and comments. */

import * as z from 'zod/mini';
import { mustBe } from '../options.ts';

function character(what: string, pattern: RegExp) {
  return z.exactOptional(
    z.custom<string>((value) => typeof value === 'string' && pattern.test(value), { error: mustBe(what) }),
  );
}

const flag = z.exactOptional(z.boolean({ error: mustBe('true or false') }));

/** One character that is not part of a line break. */
export const delimiterOption = character('one character other than a line break or the quote', /^[^\r\n"]$/u);

/** The names are those of csv-parse. */
export const QUOTING = {
  /** What encloses a field that contains delimiters or line breaks; `"` by default. */
  quote: character('one ASCII character that is neither a letter, a digit nor a blank', /^[!-/:-@[-`{-~]$/),
  /** What precedes a quote inside a quoted field; by default, the quote itself. */
  escape: character('one ASCII character that is neither a letter, a digit nor a blank', /^[!-/:-@[-`{-~]$/),
  /** Whether a quote in an unquoted field is part of its text; by default, the row is rejected. */
  relaxQuotes: flag,
  /** Whether blanks in front of a quoted field are let go; by default, the row is rejected. */
  ltrim: flag,
  /** What a line starts with that is a comment; by default, no line is one. */
  comments: character('one to eight characters other than blanks and quotes', /^[^\s"]{1,8}$/u),
};

const quoting = z.object(QUOTING);

/** The options among those of a dataset that {@link QUOTING} has. */
export function quotingOf(options: Quoting): Quoting {
  return quoting.parse(options);
}

/** How a dataset's files use quotes and comments. */
export type Quoting = Readonly<z.output<typeof quoting>>;
