/** The flow of the data through a whole machine. */

import type { Narrow } from './choice.ts';
import type { Same } from './data.ts';
import type { ErrorsOf, HandlerProblems } from './errors.ts';
import type { Ending, NoState, Reached, TargetProblems, Targets } from './graph.ts';
import type { Joined, LastOf } from './join.ts';
import type { FieldsOf } from './shape.ts';
import type { DataProblems, Edge, Edges, Effective, End, Nested } from './state.ts';

/** The parts of a machine that are read here. Its shape has been checked already. */
export interface MachineParts {
  readonly StartAt: string;
  readonly States: object;
}

/** The context object of an execution, as `$$` reads it. */
export interface ContextOf<Input> {
  readonly Execution: {
    readonly Id: string;
    readonly Input: Input;
    readonly Name: string;
    readonly RoleArn: string;
    readonly StartTime: string;
  };
  readonly State: { readonly EnteredTime: string; readonly Name: string; readonly RetryCount: number };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
}

/** The context in a Map's iterations. The iterations of a DISTRIBUTED Map are executions with their own input. */
export type Iterating<Context, Inner> = Inner extends {
  readonly ProcessorConfig: { readonly Mode: infer Mode };
}
  ? 'DISTRIBUTED' extends Mode
    ? ContextOf<unknown>
    : Context
  : Context;

/** What is known of a state's input, and how often that changed: one element for each update. */
interface Known<Input, Updates extends readonly 1[]> {
  readonly input: Input;
  readonly updates: Updates;
}

type KnownOf<States> = { readonly [N in keyof States]: Known<unknown, readonly 1[]> };

/** Updates of one state's input after which a loop counts as one that makes its input grow forever. */
type MaxUpdates = 16;

interface Growing<Name> {
  readonly growing: Name;
}

type DataTo<Edges, To> =
  Edges extends Edge<infer Name, infer Data> ? (Name extends To ? Data : never) : never;

type TargetsOf<Edges> = Edges extends Edge<infer To, unknown> ? To : never;

/** What a state sends on. A state with a problem sends nothing, so that one mistake is reported once. */
type Sent<S, Input, Context> = [DataProblems<S, Input, Context>] extends [never]
  ? S extends { readonly Type: 'Map' | 'Parallel' }
    ? Edges<S, Input, Context>
    : EdgesOfEach<S, Input, Context>
  : never;

/** Each member of the union of inputs goes through the state on its own. */
type EdgesOfEach<S, Input, Context> = Input extends unknown ? Edges<S, Input, Context> : never;

/** What is known after a state has sent its data on. Nothing follows a final state, so its unions may grow. */
type Received<States, Before extends KnownOf<Before>, Edges> = {
  readonly [N in keyof Before]: N extends TargetsOf<Edges> & keyof States
    ? [Targets<States[N]>] extends [never]
      ? Known<Before[N]['input'] | DataTo<Edges, N>, []>
      : Updated<Before[N], Joined<Before[N]['input'], DataTo<Edges, N>>>
    : Before[N];
};

type Updated<Before extends Known<unknown, readonly 1[]>, Input> =
  Same<Before['input'], Input> extends true ? Before : Known<Input, [...Before['updates'], 1]>;

/** The states whose input has changed and that lead to other states. */
type Changed<States, Before, After> = {
  [N in keyof States]: N extends keyof Before & keyof After
    ? Same<Before[N], After[N]> extends true
      ? never
      : [Targets<States[N]>] extends [never]
        ? never
        : N
    : never;
}[keyof States];

/** The states with too many updates. */
type GrownOf<States, Now extends KnownOf<States>> = {
  [N in keyof States]: Now[N]['updates']['length'] extends MaxUpdates ? N : never;
}[keyof States];

/** The first name of a list that is also in a union. */
type FirstIn<Names, Union> = Names extends readonly [infer First, ...infer Rest]
  ? First extends Union
    ? First
    : FirstIn<Rest, Union>
  : never;

/**
 * Follows the data until no state's input changes any more. The waiting state that comes first in
 * the definition is next. That way, the states after a loop wait until the loop has settled.
 */
type Settled<States, Names, Now extends KnownOf<States>, Waiting, Context> = [Waiting] extends [never]
  ? Now
  : [GrownOf<States, Now>] extends [never]
    ? FirstIn<Names, Waiting> extends infer Name extends keyof States
      ? Received<States, Now, Sent<States[Name], Now[Name]['input'], Context>> extends infer Next extends
          KnownOf<States>
        ? Settled<States, Names, Next, Exclude<Waiting, Name> | Changed<States, Now, Next>, Context>
        : never
      : never
    : Growing<GrownOf<States, Now>>;

/** The members of a union of names in the order in which the compiler first saw them. */
type ListOf<Names, Rest extends readonly unknown[] = []> = [Names] extends [never]
  ? Rest
  : LastOf<Names> extends infer Last
    ? ListOf<Exclude<Names, Last>, [Last, ...Rest]>
    : never;

/** What is known of the input of each state of a machine. */
export type InputsOf<M extends MachineParts, Input, Context> = Settled<
  M['States'],
  ListOf<keyof M['States']>,
  { readonly [N in keyof M['States']]: Known<N extends M['StartAt'] ? Input : never, []> },
  M['StartAt'],
  Context
>;

/** The output of a machine for an input. */
export type OutputOf<M extends MachineParts, Input, Context = ContextOf<Input>> =
  InputsOf<M, Input, Context> extends infer Now extends KnownOf<M['States']>
    ? Joined<
        never,
        {
          [N in keyof M['States']]: DataTo<Sent<M['States'][N], Now[N]['input'], Context>, End>;
        }[keyof M['States']]
      >
    : unknown;

/** Puts the name of a state in front of its messages. */
type Named<Name, Message> = Message extends string ? `${Name & string}: ${Message}` : Message;

type Unnested<Message> = Message extends Nested<infer Inner> ? Inner : Message;

type Names<States> = keyof States & string;

/** The messages of all states, given those of each state. */
type Messages<Each> = Unnested<{ [N in keyof Each]: Named<N, Each[N]> }[keyof Each]>;

/**
 * The problems of a machine for an input; `never` if there are none. One kind of problem causes others, so only the
 * first kind that is found is reported.
 */
export type ProblemsOf<M extends MachineParts, Input, Context = ContextOf<Input>> =
  FormProblems<M> extends infer Form
    ? [Form] extends [never]
      ? GraphProblems<M['States'], M['StartAt']> extends infer Graph
        ? [Graph] extends [never]
          ? DataFlow<M, InputsOf<M, Input, Context>, Context>
          : Graph
        : never
      : Form
    : never;

/** States that are written incorrectly, and targets that do not exist. */
type FormProblems<M extends MachineParts> =
  | NoState<'StartAt', M['StartAt'], Names<M['States']>>
  | Messages<{
      readonly [N in keyof M['States']]:
        | ShapeProblems<M['States'][N]>
        | TargetProblems<M['States'][N], Names<M['States']>>;
    }>;

/** Problems that need no data: states that are never reached or never end, and errors that are never raised. */
type GraphProblems<States, StartAt> = Messages<{
  readonly [N in keyof States]:
    | (N extends Reached<States, StartAt> ? never : 'cannot be reached from StartAt')
    | (N extends Ending<States> ? never : 'no final state can be reached from it')
    | (States[N] extends { readonly Retry: infer R }
        ? HandlerProblems<'Retry', R, ErrorsOf<States[N]>>
        : never)
    | (States[N] extends { readonly Catch: infer C }
        ? HandlerProblems<'Catch', C, ErrorsOf<States[N]>>
        : never);
}>;

type DataFlow<M extends MachineParts, Now, Context> = [Now] extends [never]
  ? Unfollowed
  : Now extends Growing<infer Name>
    ? Named<Name, 'its input never settles: a loop adds to it on every pass'>
    : Now extends KnownOf<M['States']>
      ? Messages<{
          readonly [N in keyof M['States']]: DataProblems<M['States'][N], Now[N]['input'], Context>;
        }> extends infer Wrong
        ? [Wrong] extends [never]
          ? Messages<{
              readonly [N in keyof M['States']]: DeadRules<M['States'][N], Now[N]['input'], Context>;
            }>
          : Wrong
        : never
      : Unfollowed;

/** Nothing is known to cause this, but a machine whose data was not followed must not compile. */
type Unfollowed = 'StartAt: the data cannot be followed from here';

/** Rules of a Choice that hold for no input. */
type DeadRules<S, Input, Context> = [Input] extends [never]
  ? never
  : S extends { readonly Type: 'Choice'; readonly Choices: infer Rules }
    ? DeadAmong<Rules, Effective<S, Input, Context>>
    : never;

type DeadAmong<Rules, T> = [T] extends [never]
  ? never
  : Rules extends readonly [infer Rule, ...infer Rest]
    ?
        | ([Narrow<T, Rule, true>] extends [never] ? DeadRuleMessage<Rule> : never)
        | DeadAmong<Rest, Narrow<T, Rule, false>>
    : never;

type DeadRuleMessage<Rule> = Rule extends { readonly Variable: infer Path extends string }
  ? Rule extends { readonly StringEquals: infer Value extends string }
    ? `${Path} is never ${Value}`
    : Rule extends { readonly BooleanEquals: infer Value extends boolean }
      ? `${Path} is never ${Value}`
      : `the rule for ${Path} never holds`
  : 'a rule of its Choices never holds';

/** The problems of how a state is written. */
type ShapeProblems<S> = S extends { readonly Type: infer Type }
  ?
      | UnknownFields<Exclude<keyof S, FieldsOf<Type>>>
      | (Type extends 'Choice' | 'Succeed' | 'Fail'
          ? never
          : S extends { readonly Next: unknown; readonly End: unknown }
            ? 'has both Next and End'
            : S extends { readonly Next: unknown } | { readonly End: unknown }
              ? never
              : 'has neither Next nor End')
      | (Type extends 'Wait'
          ? WaitFields<keyof S & ('Seconds' | 'SecondsPath' | 'Timestamp' | 'TimestampPath')>
          : never)
  : never;

type UnknownFields<Name> = Name extends string ? `unknown field ${Name}` : never;

type WaitFields<Name> = [Name] extends [never]
  ? 'needs Seconds, SecondsPath, Timestamp or TimestampPath'
  : never;
