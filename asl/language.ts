/**
 * The part of the Amazon States Language (https://states-language.net/spec.html, JSONPath flavour) that the pipeline
 * uses, as types. A definition is a plain object that serializes to exactly the language; {@link stateMachine} adds
 * nothing to it but the compiler's check that every target names a state.
 */

import type { BusinessErrorName, TransientErrorName } from '../functions/core/errors.ts';

/** Errors that Step Functions itself raises. */
export type StatesErrorName = 'States.ALL' | 'States.Timeout' | 'States.TaskFailed';

/** Errors of the Lambda service, as the `lambda:invoke` integration reports them. */
export type LambdaErrorName =
  | 'Lambda.ClientExecutionTimeoutException'
  | 'Lambda.ServiceException'
  | 'Lambda.AWSLambdaException'
  | 'Lambda.SdkClientException'
  | 'Lambda.TooManyRequestsException'
  | 'Lambda.Unknown'
  | 'Sandbox.Timedout'
  | 'Runtime.ExitError';

export type ErrorName = StatesErrorName | LambdaErrorName | BusinessErrorName | TransientErrorName;

/** A JSONPath into the state's input (`$.…`) or the context object (`$$.…`). */
export type Path = '$' | `$.${string}` | `$$.${string}`;

/** A payload template: a field whose name ends in `.$` takes its value from a path. */
export interface Template {
  readonly [field: `${string}.$`]: Path;
  readonly [field: string]: string | number | boolean | Template;
}

/** A test of a Choice: a value is compared with a constant, or with another value. */
export type ChoiceRule<Name extends string> = { readonly Variable: Path; readonly Next: Name } & (
  | { readonly BooleanEquals: boolean }
  | { readonly StringEquals: string }
  | { readonly NumericGreaterThanEqualsPath: Path }
);

/** A state goes on to another one, or ends the machine; never both, never neither. */
type Flow<Name extends string> =
  | { readonly Next: Name; readonly End?: never }
  | { readonly End: true; readonly Next?: never };

export interface Retrier {
  readonly ErrorEquals: readonly ErrorName[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: 'FULL' | 'NONE';
}

export interface Catcher<Name extends string> {
  readonly ErrorEquals: readonly ErrorName[];
  /** Where the error is kept; without it, the error replaces the state's input. */
  readonly ResultPath?: Path;
  readonly Next: Name;
}

interface Described {
  readonly Comment?: string;
}

/** Invokes a Lambda function and waits for its answer. */
export type TaskState<Name extends string> = Described &
  Flow<Name> & {
    readonly Type: 'Task';
    readonly Resource: 'arn:aws:states:::lambda:invoke';
    readonly Parameters: { readonly FunctionName: string; readonly Payload: Template };
    readonly TimeoutSeconds: number;
    readonly ResultSelector?: Template;
    readonly ResultPath?: Path;
    readonly OutputPath?: Path;
    readonly Retry: readonly Retrier[];
    readonly Catch?: readonly Catcher<Name>[];
  };

export type MapMode = 'INLINE' | 'DISTRIBUTED';

type ProcessorConfig =
  | { readonly Mode: 'INLINE' }
  | { readonly Mode: 'DISTRIBUTED'; readonly ExecutionType: 'STANDARD' };

/** Runs `ItemProcessor` for each element of the array at `ItemsPath`; its result is the array of their outputs. */
export type MapState<Name extends string> = Described &
  Flow<Name> & {
    readonly Type: 'Map';
    readonly ItemsPath: Path;
    readonly ItemSelector: Template;
    readonly MaxConcurrency: number;
    readonly ItemProcessor: { readonly ProcessorConfig: ProcessorConfig } & StateMachine;
    readonly ResultPath: Path;
    readonly Catch?: readonly Catcher<Name>[];
    /** Names the Map run of a DISTRIBUTED Map; at most 40 characters. */
    readonly Label?: string;
  };

/** Puts a constant into its input. */
export type PassState<Name extends string> = Described &
  Flow<Name> & { readonly Type: 'Pass'; readonly Result: string; readonly ResultPath: Path };

/** Goes on after some time. */
export type WaitState<Name extends string> = Described &
  Flow<Name> & { readonly Type: 'Wait'; readonly Seconds: number };

/** Goes on to the state of the first test that holds, or else to the default. */
export type ChoiceState<Name extends string> = Described & {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule<Name>[];
  readonly Default: Name;
};

/** Ends the machine, or the iteration of a Map, with what is at `OutputPath` as its output. */
export type SucceedState = Described & { readonly Type: 'Succeed'; readonly OutputPath?: Path };

/** Ends the execution as failed. */
export type FailState = Described & {
  readonly Type: 'Fail';
} & ({ readonly Error: string } | { readonly ErrorPath: Path }) & { readonly CausePath: Path };

export type State<Name extends string> =
  | TaskState<Name>
  | MapState<Name>
  | ChoiceState<Name>
  | PassState<Name>
  | WaitState<Name>
  | SucceedState
  | FailState;

/** What a state machine is once its targets were checked. */
export interface StateMachine {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly TimeoutSeconds?: number;
  readonly States: { readonly [name: string]: State<string> };
}

/**
 * Gives back the definition that it is given, after the compiler has checked that `StartAt`, each `Next` and each
 * catcher's `Next` is a key of `States`.
 */
export function stateMachine<Name extends string>(definition: {
  readonly Comment?: string;
  readonly StartAt: NoInfer<Name>;
  readonly TimeoutSeconds?: number;
  readonly States: { readonly [N in Name]: State<NoInfer<Name>> };
}): StateMachine {
  return definition;
}
