/** Tells which invocations of an execution have succeeded, so that a redrive does not repeat them. */

/**
 * What an execution's invocations answered. Between them a state machine does nothing but compute, so one that is
 * started again, and is given these answers in place of invocations, gets to where it failed, in each iteration of a
 * Map: that is what Step Functions goes on with.
 */
export class Replay {
  /** By function and event. */
  readonly #answers: Map<string, string[]>;
  readonly #left: Map<string, string[]>;

  constructor(answers: ReadonlyMap<string, readonly string[]> = new Map()) {
    this.#answers = copied(answers);
    this.#left = copied(answers);
  }

  /** For the next time. */
  again(): Replay {
    return new Replay(this.#answers);
  }

  /** What was answered, or else is answered now. */
  async answer(target: string, event: string, invoke: () => Promise<string>): Promise<string> {
    // When the execution was started is not what it was.
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
