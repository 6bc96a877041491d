import { KEY_OUTCOMES, WRITE_OUTCOMES } from '../../functions/core/dataset/load.ts';

/** Fields of a task's result that can be added up. */
const COUNT_FIELDS: readonly string[] = [
  'read',
  'rejected',
  ...WRITE_OUTCOMES,
  ...KEY_OUTCOMES,
  'duplicates',
];

/** Those that few files have, and that are left out where there is nothing to count. */
export const RARE_COUNT_FIELDS = ['blank', 'footer'] as const;
const RARE: readonly string[] = RARE_COUNT_FIELDS;

/**
 * Adds up the counts in the results of one task. A later result for a chunk replaces an earlier one, and so does a later
 * result for the whole file: a task that runs again counts all rows again.
 */
export class CountSum {
  readonly total: Record<string, number> = {};
  /** Counts of the latest result, by the first byte of the chunk; under `undefined` for the whole file. */
  readonly #latest = new Map<unknown, Readonly<Record<string, number>>>();

  add(result: unknown): void {
    if (typeof result !== 'object' || result === null) return;
    const start = 'start' in result ? result.start : undefined;
    const previous = this.#latest.get(start) ?? {};
    const counts: Record<string, number> = {};
    for (const [field, value] of Object.entries(result)) {
      if (typeof value !== 'number') continue;
      const isRare = RARE.includes(field) && (value > 0 || previous[field] !== undefined);
      if (!COUNT_FIELDS.includes(field) && !isRare) continue;
      counts[field] = value;
      this.total[field] = (this.total[field] ?? 0) + value - (previous[field] ?? 0);
    }
    this.#latest.set(start, counts);
  }
}
