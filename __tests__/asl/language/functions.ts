/** Functions that the machines of these tests invoke, and what the tests say of machines. */

import type { Same } from '../../../asl/language/data.ts';
import type { Contract, FunctionArn, ProblemsOf, StateMachine } from '../../../asl/language/index.ts';

export interface Order {
  readonly id: string;
  readonly amount: number;
  readonly note?: string;
}

type Load = (event: {
  readonly order: Order;
}) => Promise<{ readonly kind: 'ok' | 'late'; readonly rows: number }>;
type Count = (event: { readonly of: readonly string[] }) => Promise<number>;
type Either = {
  (event: { readonly a: string }): Promise<{ readonly fromA: string }>;
  (event: { readonly b: number }): Promise<{ readonly fromB: number }>;
};

export const load: FunctionArn<Contract<Load, 'LateError' | 'BrokenError'>> =
  'arn:aws:lambda:us-east-1:123456789012:function:load';
export const count: FunctionArn<Contract<Count, never>> =
  'arn:aws:lambda:us-east-1:123456789012:function:count';
export const either: FunctionArn<Contract<Either, never>> =
  'arn:aws:lambda:us-east-1:123456789012:function:either';
export const unknown: string = 'arn:aws:lambda:us-east-1:123456789012:function:unknown';

/** What all tasks have in common. */
export const task = {
  Type: 'Task',
  TimeoutSeconds: 60,
} as const;

/**
 * Keeps a definition that is wrong. It compiles only where `problem` is all that the compiler finds: a definition that
 * is wrong for another reason, or for one more, is an error here, which shows what the problem is instead.
 */
export function wrong<Input>() {
  return <const M extends StateMachine, const Problem extends string>(
    definition: M,
    problem: Same<ProblemsOf<M, Input>, Problem> extends true
      ? Problem
      : { readonly is: ProblemsOf<M, Input> },
  ): { readonly definition: M; readonly problem: unknown } => ({ definition, problem });
}
