/** Schemas for the options of a dataset, and the messages about values that they refuse. */

import { inspect } from 'node:util';
// The full zod, whose schemas have methods, would add 80 KB to each bundle.
import * as z from 'zod/mini';
import { didYouMean, hasUnknown } from './names.ts';

/** Something that is wrong with a definition. */
export interface Problem {
  /** Where, such as `['tolerance', 'rows']`; empty for the whole of what is checked. */
  readonly path: readonly PropertyKey[];
  /** What a sentence says about it after its name, such as `must be a whole number`. */
  readonly message: string;
}

/** An object with these options, and no others. */
export function optionsOf<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? hasUnknown('option', issue.keys, Object.keys(shape))
        : mustBe('an object')(issue),
  });
}

/** One of these strings. */
export function choiceOf<const Value extends string>(values: readonly Value[]) {
  const all = values.map((value) => JSON.stringify(value));
  const list = [all.slice(0, -1).join(', '), all.at(-1)].filter((part) => part !== '').join(' or ');
  return z.enum(values, {
    error: ({ input }) =>
      mustBe(list)({ input }) + (typeof input === 'string' ? didYouMean(input, values) : ''),
  });
}

/** An optional number. */
export function numberOf(what: string, isValid: (value: number) => boolean) {
  return z.exactOptional(z.number({ error: mustBe(what) }).check(z.refine(isValid, { error: mustBe(what) })));
}

/** A number of rows. */
export const rowCount = numberOf(
  'a whole number, 0 or more',
  (rows) => Number.isSafeInteger(rows) && rows >= 0,
);

/** A share of something. */
export const shareOf = numberOf('from 0 to 1', (share) => share >= 0 && share <= 1);

/** The message of a schema: what the value must be, and what it is. */
export function mustBe(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => {
    const value = inspect(input, { depth: 1, maxArrayLength: 5, maxStringLength: 40, breakLength: Infinity });
    return `must be ${what}, not ${typeof input === 'string' ? JSON.stringify(input) : value}`;
  };
}

/** The problems that a schema found; none if it accepted the value. */
export function problemsOf(refusal: z.core.$ZodError | undefined): Problem[] {
  return refusal?.issues.map(({ path, message }) => ({ path, message })) ?? [];
}

/** The problems as clauses of one sentence. */
export function clauses(problems: readonly Problem[]): string {
  return problems
    .map(({ path, message }) => `${path.length === 0 ? 'it' : path.join('.')} ${message}`)
    .join('; ');
}
