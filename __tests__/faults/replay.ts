/**
 * Records the results of an execution's invocations, so that a redrive does not repeat them. Apart from its
 * invocations, a state machine is deterministic. Started again with these results instead of invocations, it reaches
 * the state that failed, in each iteration of a Map, which is where Step Functions resumes a redriven execution.
 */
export class Replay {
  /** By function and event. */
  readonly #answers: Map<string, string[]>;
  readonly #left: Map<string, string[]>;

  constructor(answers: ReadonlyMap<string, readonly string[]> = new Map()) {
    this.#answers = copied(answers);
    this.#left = copied(answers);
  }

  /** A replay for the next redrive. */
  again(): Replay {
    return new Replay(this.#answers);
  }

  /** The recorded result of an invocation; without one, the result of a new invocation. */
  async answer(target: string, event: string, invoke: () => Promise<string>): Promise<string> {
    // The start time of a redriven execution is different here.
    const key = `${target} ${event.replace(/"started":"[^"]*"/, '')}`;
    const known = this.#left.get(key)?.shift();
    if (known !== undefined) return known;
    const answer = await invoke();
    this.#answers.set(key, [...(this.#answers.get(key) ?? []), answer]);
    return answer;
  }
}

function copied(answers: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  return new Map([...answers].map(([key, values]) => [key, [...values]]));
}
