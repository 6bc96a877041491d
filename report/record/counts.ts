/** Numbers of a task's result that can be added up. */
const COUNTS = ['read', 'rejected', 'loaded', 'duplicates'];

/** Adds up what the results of one task counted. Of the results for one chunk, the last one counts. */
export class CountSum {
  readonly total: Record<string, number> = {};
  /** By chunk, what its last result counted. */
  readonly #chunks = new Map<unknown, Readonly<Record<string, number>>>();

  add(result: unknown): void {
    if (typeof result !== 'object' || result === null) return;
    const before = ('start' in result && this.#chunks.get(result.start)) || {};
    const now: Record<string, number> = {};
    for (const [field, value] of Object.entries(result)) {
      if (!COUNTS.includes(field) || typeof value !== 'number') continue;
      now[field] = value;
      this.total[field] = (this.total[field] ?? 0) + value - (before[field] ?? 0);
    }
    if ('start' in result) this.#chunks.set(result.start, now);
  }
}
