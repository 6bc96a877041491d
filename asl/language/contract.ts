/** What a Lambda function takes, returns and throws. */

import type { Json, Same } from './data.ts';

declare const contract: unique symbol;

/** One way to call a function: the type of the event, and the type of its result. */
export interface Call {
  readonly event: unknown;
  readonly result: unknown;
}

export interface AnyContract {
  readonly calls: readonly Call[];
  readonly errors: string;
}

/**
 * The contract of a handler. The events and results come from the type of the handler itself: each of its overloads, at
 * most three, is one way to call it. TypeScript does not know what a function throws, so the errors are listed.
 */
export interface Contract<Handler, Errors extends string> {
  readonly calls: Calls<Handler>;
  readonly errors: Errors;
}

/** The compiler repeats overloads if there are fewer than three. */
type Calls<Handler> = Handler extends {
  (event: infer E1, ...rest: never): infer R1;
  (event: infer E2, ...rest: never): infer R2;
  (event: infer E3, ...rest: never): infer R3;
}
  ? Distinct<[OneCall<E1, R1>, OneCall<E2, R2>, OneCall<E3, R3>]>
  : [];

type Distinct<Calls, Kept extends readonly Call[] = []> = Calls extends readonly [
  infer First extends Call,
  ...infer Rest,
]
  ? Distinct<Rest, true extends SameAsOne<First, Kept[number]> ? Kept : [...Kept, First]>
  : Kept;

type SameAsOne<One, Others> = Others extends unknown ? Same<One, Others> : never;

interface OneCall<Event, Result> {
  readonly event: Json<Event>;
  readonly result: JsonResult<Awaited<Result>>;
}

/** The result of a handler that returns nothing is `null`. */
type JsonResult<Result> = [Result] extends [undefined | undefined] ? null : Json<Result>;

/**
 * The ARN or the name of a function with a contract. Any string can be assigned to it, because only the compiler sees
 * the contract: whoever declares the string vouches for it.
 */
export type FunctionArn<C extends AnyContract> = string & { readonly [contract]?: C };

/** The contract of the function that a task invokes; `never` if it has none. */
export type ContractOf<Arn> = Arn extends { readonly [contract]?: infer C }
  ? Exclude<C, undefined> extends infer Known extends AnyContract
    ? Known
    : never
  : never;
