/** What a Lambda function takes, gives and throws. */

import type { Json, Same } from './data.ts';

declare const contract: unique symbol;

/** One way to call a function: by events of one type, answered by results of another. */
export interface Call {
  readonly event: unknown;
  readonly result: unknown;
}

export interface AnyContract {
  readonly calls: readonly Call[];
  readonly errors: string;
}

/**
 * The contract of a handler: what it takes and gives is read off the handler itself, each of its overloads (up to
 * three) being one way to call it. TypeScript does not know what a function throws; the errors are named beside it.
 */
export interface Contract<Handler, Errors extends string> {
  readonly calls: Calls<Handler>;
  readonly errors: Errors;
}

/** Where there are fewer overloads, the compiler repeats them. */
type Calls<Handler> = Handler extends {
  (event: infer E1, ...rest: never): infer R1;
  (event: infer E2, ...rest: never): infer R2;
  (event: infer E3, ...rest: never): infer R3;
}
  ? Once<[OneCall<E1, R1>, OneCall<E2, R2>, OneCall<E3, R3>]>
  : [];

type Once<Calls, Kept extends readonly Call[] = []> = Calls extends readonly [
  infer First extends Call,
  ...infer Rest,
]
  ? Once<Rest, true extends SameAsOne<First, Kept[number]> ? Kept : [...Kept, First]>
  : Kept;

type SameAsOne<One, Others> = Others extends unknown ? Same<One, Others> : never;

interface OneCall<Event, Result> {
  readonly event: Json<Event>;
  readonly result: Answer<Awaited<Result>>;
}

/** A handler that gives nothing answers `null`. */
type Answer<Result> = [Result] extends [undefined | undefined] ? null : Json<Result>;

/**
 * The ARN, or the name, of a function with a contract. Any string is one: the contract is seen by the compiler alone,
 * so it is for who declares the string to tell the truth.
 */
export type FunctionArn<C extends AnyContract> = string & { readonly [contract]?: C };

/** The contract of the function that a task invokes; `never` where there is none. */
export type ContractOf<Arn> = Arn extends { readonly [contract]?: infer C }
  ? Exclude<C, undefined> extends infer Known extends AnyContract
    ? Known
    : never
  : never;
