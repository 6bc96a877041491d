/** Lets tests observe and change the events and results of a local stack's functions. */

import { FUNCTION_NAMES, type FunctionName } from '../../asl/pipeline.ts';
import { LambdaPool } from '../../local/emulator/lambda-pool.ts';

/** An invocation that is about to begin. */
export interface Invocation {
  readonly name: FunctionName;
  /** JSON. */
  readonly event: string;
}

/**
 * Calls a listener before each invocation of a function, which waits for it.
 * @param before may return another event, as JSON.
 * @returns a function that removes the listener; listeners must be removed in reverse order
 */
export function beforeInvocations(
  before: (invocation: Invocation) => Promise<string | undefined>,
): () => void {
  const { invoke } = LambdaPool.prototype;
  LambdaPool.prototype.invoke = async function (nameOrArn, event, signal) {
    const unqualified = nameOrArn.replace(/:\d+$/, '');
    const name = FUNCTION_NAMES.find((each) => unqualified.endsWith(`-${each}`));
    if (name === undefined) throw new Error(`The pipeline has no function ${nameOrArn}.`);
    return invoke.call(this, nameOrArn, (await before({ name, event })) ?? event, signal);
  };
  return () => {
    LambdaPool.prototype.invoke = invoke;
  };
}
