/**
 * Of what takes long by nature, `npm test` tries a part, and `npm run test:full`, which CI runs, all of it.
 * @returns the first in a full run, the second otherwise.
 */
export function inFull<Value>(full: Value, part: Value): Value {
  return process.env.FULL_RUN === undefined ? part : full;
}
