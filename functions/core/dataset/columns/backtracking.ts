/**
 * Whether a regular expression can take catastrophic time. The functions' bundles have `constructs/bundle/backtracking.ts`
 * in place of this: their datasets were checked when the stack was synthesized, and the checker has 3 MB of code.
 */

import { createRequire } from 'node:module';

/** Steps that a regular expression may take on one cell. */
const MAX_STEPS = 1_000_000;

/** What is wrong with a regular expression on cells of up to so many characters; undefined if nothing is. */
export function backtracking({ source, flags }: RegExp, maxLength: number): string | undefined {
  // Only when there is a pattern, since loading it takes half a second.
  const { checkSync }: typeof import('recheck') = createRequire(import.meta.url)('recheck/lib/browser.js');
  const found = checkSync(source, flags);
  const has = `has the pattern /${source}/, which`;
  if (found.status === 'unknown')
    return `${has} cannot be shown to end in time on every cell; write a simpler one`;
  const { complexity } = found;
  if (complexity.type === 'exponential')
    return `${has} takes exponential time on some cells; write it without nested repetitions`;
  const steps = complexity.type === 'polynomial' ? maxLength ** complexity.degree : maxLength;
  if (steps <= MAX_STEPS) return undefined;
  return `${has} may take ${steps} steps on a cell of ${maxLength} characters; lower maxLength, or write a simpler one`;
}
