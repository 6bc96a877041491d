/** What goes in and out of the functions of local stacks, for a test to see or to step in. */

import { FUNCTION_NAMES, type FunctionName } from '../../asl/pipeline.ts';
import { LambdaPool } from '../../local/emulator/lambda-pool.ts';

/** An invocation that is about to begin. */
export interface Invocation {
  readonly name: FunctionName;
  /** JSON. */
  readonly event: string;
}

/**
 * Calls the listener before each invocation of a function, which waits for it.
 * @param before may give another event, as JSON.
 * @returns a function that takes the listener away again; the last one that was added goes first
 */
export function beforeInvocations(
  before: (invocation: Invocation) => Promise<string | undefined>,
): () => void {
  const { invoke } = LambdaPool.prototype;
  LambdaPool.prototype.invoke = async function (nameOrArn, event, signal) {
    const name = FUNCTION_NAMES.find((each) => nameOrArn.endsWith(`-${each}`));
    if (name === undefined) throw new Error(`The pipeline has no function ${nameOrArn}.`);
    return invoke.call(this, nameOrArn, (await before({ name, event })) ?? event, signal);
  };
  return () => {
    LambdaPool.prototype.invoke = invoke;
  };
}
