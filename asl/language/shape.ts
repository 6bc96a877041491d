/**
 * The Amazon States Language (https://states-language.net/spec.html, with JSONPath) as plain types. They say what a
 * definition may look like, and know nothing of its data.
 */

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | Fields;

/** A JSON object. In a payload template, a field whose name ends in `.$` takes its value from a path or a function. */
export interface Fields {
  readonly [name: string]: JsonValue;
}

interface Described {
  readonly Comment?: string;
}

interface Flow {
  readonly Next?: string;
  readonly End?: true;
}

/** `null` means an empty object. */
interface Paths {
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
}

interface Results {
  readonly ResultSelector?: Fields;
  /** Where the result goes in the state's input; `null` discards the result. */
  readonly ResultPath?: string | null;
}

interface Guarded {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface Retrier extends Described {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher extends Described {
  readonly ErrorEquals: readonly string[];
  /** Where the error goes in the state's input. Without it, the error replaces the input. */
  readonly ResultPath?: string | null;
  readonly Next: string;
}

/** Invokes a Lambda function; its result is what the function returns, without an envelope. */
export interface TaskState extends Described, Flow, Paths, Results, Guarded {
  readonly Type: 'Task';
  /** The function's ARN. */
  readonly Resource: string;
  /** The event; without it, the state's input is. */
  readonly Parameters?: Fields;
  /** Required, because a task without a timeout can hang for three years. */
  readonly TimeoutSeconds: number;
}

/** Runs `ItemProcessor` for each element of the array at `ItemsPath`. The result is the array of their outputs. */
export interface MapState extends Described, Flow, Paths, Results, Guarded {
  readonly Type: 'Map';
  readonly ItemsPath?: string;
  readonly ItemSelector?: Fields;
  readonly MaxConcurrency?: number;
  readonly ItemProcessor: Machine & { readonly ProcessorConfig?: ProcessorConfig };
  /** The name of the Map Run of a DISTRIBUTED Map, of at most 40 characters. */
  readonly Label?: string;
}

export interface ProcessorConfig {
  readonly Mode: MapMode;
  readonly ExecutionType?: 'STANDARD' | 'EXPRESS';
}

export type MapMode = 'INLINE' | 'DISTRIBUTED';

/** Runs all branches with the same input. The result is the array of their outputs. */
export interface ParallelState extends Described, Flow, Paths, Results, Guarded {
  readonly Type: 'Parallel';
  readonly Parameters?: Fields;
  readonly Branches: readonly Machine[];
}

/** Passes on its input or a constant. */
export interface PassState extends Described, Flow, Paths {
  readonly Type: 'Pass';
  readonly Parameters?: Fields;
  readonly Result?: JsonValue;
  readonly ResultPath?: string | null;
}

/** Waits for a number of seconds, or until a time. */
export interface WaitState extends Described, Flow, Paths {
  readonly Type: 'Wait';
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
}

/** Continues with the state of the first rule that holds, or with the default. */
export interface ChoiceState extends Described, Paths {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

type Comparison = 'Equals' | 'LessThan' | 'GreaterThan' | 'LessThanEquals' | 'GreaterThanEquals';

/** Operators that compare with a constant. */
export type ConstantOperators = { readonly [C in Comparison as `String${C}`]?: string } & {
  readonly [C in Comparison as `Numeric${C}`]?: number;
} & { readonly [C in Comparison as `Timestamp${C}`]?: string } & {
  readonly BooleanEquals?: boolean;
  readonly StringMatches?: string;
};

/** Operators that compare with another value. */
export type PathOperators = {
  readonly [C in Comparison as `${'String' | 'Numeric' | 'Timestamp'}${C}Path`]?: string;
} & { readonly BooleanEqualsPath?: string };

/** Operators that test the type of a value, or whether there is a value. */
export type KindOperators = {
  readonly [K in 'Null' | 'Present' | 'Numeric' | 'String' | 'Boolean' | 'Timestamp' as `Is${K}`]?: boolean;
};

export interface Test extends ConstantOperators, PathOperators, KindOperators {
  readonly Variable?: string;
  readonly And?: readonly Test[];
  readonly Or?: readonly Test[];
  readonly Not?: Test;
}

export interface ChoiceRule extends Test, Described {
  readonly Next: string;
}

/** Ends the machine, an iteration of a Map, or a branch of a Parallel. */
export interface SucceedState extends Described, Paths {
  readonly Type: 'Succeed';
}

/** Fails the execution. */
export interface FailState extends Described {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly ErrorPath?: string;
  readonly Cause?: string;
  readonly CausePath?: string;
}

interface StatesByType {
  Task: TaskState;
  Map: MapState;
  Parallel: ParallelState;
  Pass: PassState;
  Wait: WaitState;
  Choice: ChoiceState;
  Succeed: SucceedState;
  Fail: FailState;
}

export type State = StatesByType[keyof StatesByType];

/** The names of the fields of a type of state. */
export type FieldsOf<Type> = Type extends keyof StatesByType ? keyof StatesByType[Type] : never;

export interface States {
  readonly [name: string]: State;
}

export interface Machine extends Described {
  readonly StartAt: string;
  readonly States: States;
}

/** A whole definition. */
export interface StateMachine extends Machine {
  readonly TimeoutSeconds?: number;
}
