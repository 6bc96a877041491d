/** States that can be reached from a first one, and the fewest steps to each, for explorations of what may happen. */

/** What went wrong, and the fewest steps that lead to it. */
export interface Violation {
  readonly what: string;
  readonly steps: readonly string[];
}

export class Search<State> {
  /** In the order in which they were reached: breadth first, if the states are followed in this order. */
  readonly states: State[] = [];
  readonly #found = new Map<string, number>();
  readonly #parents: number[] = [];
  readonly #steps: string[] = [];
  /** For each edge, the states that it leads from and to. */
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  /**
   * Adds a state unless it is known.
   * @param key the same for equal states only.
   * @param parent number of the state that it follows from; -1 for the first one.
   */
  add(key: string, state: State, parent: number, step: string): void {
    let index = this.#found.get(key);
    if (index === undefined) {
      index = this.states.length;
      this.#found.set(key, index);
      this.states.push(state);
      this.#parents.push(parent);
      this.#steps.push(step);
    }
    if (parent >= 0 && index !== parent) {
      this.#from.push(parent);
      this.#to.push(index);
    }
  }

  /** The steps from the first state to another one. */
  stepsTo(index: number): string[] {
    const steps: string[] = [];
    for (let at = index; at > 0; at = this.#parents[at] ?? 0) steps.push(this.#steps[at] ?? '');
    return steps.reverse();
  }

  /** The number of a state from which there is no way to one that is an end. Call it once all states are followed. */
  stuck(isEnd: (state: State) => boolean): number | undefined {
    const count = this.states.length;
    // The edges by where they lead to: those that lead to state n are at starts[n] to starts[n + 1].
    const starts = new Uint32Array(count + 1);
    for (const to of this.#to) starts[to + 1] = (starts[to + 1] ?? 0) + 1;
    for (let index = 0; index < count; index += 1) {
      starts[index + 1] = (starts[index + 1] ?? 0) + (starts[index] ?? 0);
    }
    const next = starts.slice();
    const from = new Uint32Array(this.#to.length);
    for (const [edge, to] of this.#to.entries()) {
      const at = next[to] ?? 0;
      from[at] = this.#from[edge] ?? 0;
      next[to] = at + 1;
    }
    const reached = new Uint8Array(count);
    const queue: number[] = [];
    for (const [index, state] of this.states.entries()) {
      if (!isEnd(state)) continue;
      reached[index] = 1;
      queue.push(index);
    }
    while (queue.length > 0) {
      const to = queue.pop() ?? 0;
      for (let at = starts[to] ?? 0; at < (starts[to + 1] ?? 0); at += 1) {
        const index = from[at] ?? 0;
        if (reached[index] === 1) continue;
        reached[index] = 1;
        queue.push(index);
      }
    }
    const found = reached.indexOf(0);
    return found < 0 ? undefined : found;
  }
}

/** Numbers for strings, so that a state is a few numbers. */
export class Numbers {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.texts.length);
    this.texts.push(text);
    return this.texts.length - 1;
  }
}
