/**
 * The number of cases of a slow test: `npm test` runs a part of them, and `npm run test:full`, which CI runs, all.
 * @returns the first value in a full run, the second otherwise.
 */
export function inFull<Value>(full: Value, part: Value): Value {
  return process.env.FULL_RUN === undefined ? part : full;
}
