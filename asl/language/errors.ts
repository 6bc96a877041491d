/** Error names: which ones a state can fail with, and the problems of the `Retry` and `Catch` that name them. */

import type { ContractOf } from './contract.ts';
import type { States } from './shape.ts';

/** Errors of the Lambda service, as Step Functions reports them. */
export type LambdaErrorName =
  | 'Lambda.ClientExecutionTimeoutException'
  | 'Lambda.ServiceException'
  | 'Lambda.AWSLambdaException'
  | 'Lambda.SdkClientException'
  | 'Lambda.TooManyRequestsException'
  | 'Lambda.ResourceNotFoundException'
  | 'Lambda.Unknown'
  | 'Sandbox.Timedout'
  | 'Runtime.ExitError'
  | 'Runtime.OutOfMemory';

/** Names that match several errors. Neither of them matches `States.Runtime`, which nothing can catch or retry. */
type Wildcard = 'States.ALL' | 'States.TaskFailed';

/**
 * Errors that the service raises for a task. Errors about paths that lead nowhere are left out: a definition that
 * compiles cannot raise them.
 */
type TaskErrorName = LambdaErrorName | 'States.Timeout' | 'States.Permissions' | 'States.DataLimitExceeded';

/** The errors that a state can fail with. */
export type ErrorsOf<S> = S extends {
  readonly Type: 'Task';
  readonly Resource: infer Arn;
}
  ? TaskErrorName | ContractOf<Arn>['errors']
  : S extends { readonly Type: 'Map'; readonly ItemProcessor: infer Inner }
    ? InnerErrors<Inner> | MapErrorName<Inner>
    : S extends { readonly Type: 'Parallel'; readonly Branches: infer Branches extends readonly unknown[] }
      ? InnerErrors<Branches[number]> | 'States.BranchFailed'
      : S extends { readonly Type: 'Fail'; readonly Error: infer Name extends string }
        ? Name
        : S extends { readonly Type: 'Fail' }
          ? string
          : 'States.IntrinsicFailure';

/** A DISTRIBUTED Map raises only its own errors. If the mode may be either, so may the errors. */
type MapErrorName<Inner> = Inner extends { readonly ProcessorConfig: { readonly Mode: infer Mode } }
  ? 'DISTRIBUTED' extends Mode
    ? 'States.ExceedToleratedFailureThreshold'
    : never
  : never;

type InnerErrors<Inner> = Inner extends { readonly ProcessorConfig: { readonly Mode: 'DISTRIBUTED' } }
  ? never
  : Inner extends { readonly States: infer S extends States }
    ? { [N in keyof S]: Exclude<ErrorsOf<S[N]>, CaughtBy<S[N]>> }[keyof S]
    : never;

/** The errors that a state's catchers handle, so that they never leave it. */
type CaughtBy<S> = S extends { readonly Catch: readonly { readonly ErrorEquals: infer Names }[] }
  ? Names extends readonly (infer Name)[]
    ? Name extends 'States.ALL'
      ? string
      : Name
    : never
  : never;

/** The problems of a state's retriers or catchers. */
export type HandlerProblems<
  Field extends 'Retry' | 'Catch',
  Handlers,
  Raised,
  Seen = never,
> = Handlers extends readonly [infer Handler, ...infer Rest]
  ? Handler extends { readonly ErrorEquals: infer Names extends readonly string[] }
    ?
        | ListProblems<Field, Names, Rest, Seen>
        | NameProblems<Field, Names[number], Raised, Seen>
        | HandlerProblems<Field, Rest, Raised, Seen | Names[number]>
    : never
  : Handlers extends readonly []
    ? never
    : `${Field} must be an array literal`;

type ListProblems<
  Field extends string,
  Names extends readonly string[],
  Rest extends readonly unknown[],
  Seen,
> = Names extends readonly []
  ? `a ${Field} names no error`
  : 'States.ALL' extends Names[number]
    ? [Seen] extends [string]
      ? Names['length'] extends 1
        ? Rest extends readonly []
          ? never
          : `no error reaches the ${Field} after the one for States.ALL`
        : `${Field} names States.ALL together with other errors`
      : never
    : never;

type NameProblems<Field extends string, Name extends string, Raised, Seen> = Name extends unknown
  ? string extends Name
    ? `${Field} has an error name that is not a string literal`
    : Name extends Seen
      ? `${Field} names ${Name} twice`
      : 'States.ALL' extends Seen
        ? never
        : 'States.TaskFailed' extends Seen
          ? Name extends 'States.ALL' | 'States.Timeout' | 'States.DataLimitExceeded'
            ? never
            : `${Name} never reaches the ${Field} after the one for States.TaskFailed`
          : Name extends Wildcard
            ? never
            : Name extends Raised
              ? never
              : `${Field} names ${Name}, which its state never raises`
  : never;

/** The names that a caught error can have. */
export type CaughtName<Names> = Names extends readonly (infer Name extends string)[]
  ? Name extends Wildcard
    ? string
    : Name
  : never;
