const isFull = process.env.FULL_RUN !== undefined;

/**
 * The number of cases of a slow test: `npm test` runs a part of them, and `npm run test:full`, which CI runs, all.
 * @returns the first value in a full run, the second otherwise.
 */
export function inFull<Value>(full: Value, part: Value): Value {
  return isFull ? full : part;
}

/**
 * Of the cases of a slow test, `npm test` runs every n-th.
 * @returns all cases in a full run
 */
export function everyNth<Case>(n: number, cases: readonly Case[]): readonly Case[] {
  return inFull(
    cases,
    cases.filter((_, index) => index % n === 0),
  );
}

/** Defines tests that are too slow for `npm test`. */
export function onlyInFull(define: () => void): void {
  if (isFull) define();
}
