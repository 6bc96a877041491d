/** The functions that the machines of these tests invoke, and a helper for invalid machines. */

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

/** The fields that all tasks have in common. */
export const task = {
  Type: 'Task',
  TimeoutSeconds: 60,
} as const;

/**
 * Keeps an invalid definition. It compiles only if `problem` is the only problem of the definition. Otherwise the
 * compiler's error shows what the problems are.
 */
export function wrong<Input>() {
  return <const M extends StateMachine, const Problem extends string>(
    definition: M,
    problem: Same<ProblemsOf<M, Input>, Problem> extends true
      ? Problem
      : { readonly is: ProblemsOf<M, Input> },
  ): { readonly definition: M; readonly problem: unknown } => ({ definition, problem });
}
