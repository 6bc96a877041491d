/** The data's way through a whole machine. */

import type { Narrow } from './choice.ts';
import type { Same } from './data.ts';
import type { ErrorsOf, HandlerProblems } from './errors.ts';
import type { Ending, NoState, Reached, TargetProblems, Targets } from './graph.ts';
import type { Joined, LastOf } from './join.ts';
import type { FieldsOf } from './shape.ts';
import type { DataProblems, Edge, Edges, Effective, End, Nested } from './state.ts';

/** What is read of a machine here; that it has the shape of one was checked before. */
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

/** The context in the iterations of a Map. Those of a DISTRIBUTED one are executions with an input of their own. */
export type Iterating<Context, Inner> = Inner extends {
  readonly ProcessorConfig: { readonly Mode: infer Mode };
}
  ? 'DISTRIBUTED' extends Mode
    ? ContextOf<unknown>
    : Context
  : Context;

/** What is known of a state's input, and how often more became known. */
interface Known<Input, Times extends readonly 1[]> {
  readonly input: Input;
  readonly times: Times;
}

type KnownOf<States> = { readonly [N in keyof States]: Known<unknown, readonly 1[]> };

/** Times that more may become known; with more of them, a loop is taken to make its input grow without end. */
type MaxTimes = 16;

interface Growing<Name> {
  readonly growing: Name;
}

type DataTo<Edges, To> =
  Edges extends Edge<infer Name, infer Data> ? (Name extends To ? Data : never) : never;

type TargetsOf<Edges> = Edges extends Edge<infer To, unknown> ? To : never;

/** What a state sends on; nothing, where something is wrong with it, so that one mistake is told once. */
type Sent<S, Input, Context> = [DataProblems<S, Input, Context>] extends [never]
  ? S extends { readonly Type: 'Map' | 'Parallel' }
    ? Edges<S, Input, Context>
    : EdgesOfEach<S, Input, Context>
  : never;

/** A member of the union that gets to a state stays apart from the others on its way through it. */
type EdgesOfEach<S, Input, Context> = Input extends unknown ? Edges<S, Input, Context> : never;

/** What is known once some data went its way. */
type Received<Before extends KnownOf<Before>, Edges> = {
  readonly [N in keyof Before]: N extends TargetsOf<Edges>
    ? Updated<Before[N], Joined<Before[N]['input'], DataTo<Edges, N>>>
    : Before[N];
};

type Updated<Before extends Known<unknown, readonly 1[]>, Input> =
  Same<Before['input'], Input> extends true ? Before : Known<Input, [...Before['times'], 1]>;

/** The states of which more is known than before, and that lead on. */
type Changed<States, Before, After> = {
  [N in keyof States]: N extends keyof Before & keyof After
    ? Same<Before[N], After[N]> extends true
      ? never
      : [Targets<States[N]>] extends [never]
        ? never
        : N
    : never;
}[keyof States];

/** What is at the end of many ways may become known often, without being part of a loop. */
type GrownOf<States, Now extends KnownOf<States>> = {
  [N in keyof States]: Now[N]['times']['length'] extends MaxTimes
    ? [Targets<States[N]>] extends [never]
      ? never
      : N
    : never;
}[keyof States];

/** The first name of a list that is among some. */
type FirstIn<Names, Some> = Names extends readonly [infer First, ...infer Rest]
  ? First extends Some
    ? First
    : FirstIn<Rest, Some>
  : never;

/**
 * Follows the data until nothing new comes to any state. Of the states that got something new, the first in the order
 * of the definition is always the next, so that what is behind a loop waits until the loop has settled.
 */
type Settled<States, Names, Now extends KnownOf<States>, Waiting, Context> = [Waiting] extends [never]
  ? Now
  : [GrownOf<States, Now>] extends [never]
    ? FirstIn<Names, Waiting> extends infer Name extends keyof States
      ? Received<Now, Sent<States[Name], Now[Name]['input'], Context>> extends infer Next extends
          KnownOf<States>
        ? Settled<States, Names, Next, Exclude<Waiting, Name> | Changed<States, Now, Next>, Context>
        : never
      : never
    : Growing<GrownOf<States, Now>>;

/** The members of a union of names in the order in which the compiler first saw them. */
type ListOf<Names, Behind extends readonly unknown[] = []> = [Names] extends [never]
  ? Behind
  : LastOf<Names> extends infer Last
    ? ListOf<Exclude<Names, Last>, [Last, ...Behind]>
    : never;

/** What is known of the input of each state of a machine. */
export type InputsOf<M extends MachineParts, Input, Context> = Settled<
  M['States'],
  ListOf<keyof M['States']>,
  { readonly [N in keyof M['States']]: Known<N extends M['StartAt'] ? Input : never, []> },
  M['StartAt'],
  Context
>;

/** What a machine gives at its end, for an input. */
export type OutputOf<M extends MachineParts, Input, Context = ContextOf<Input>> =
  InputsOf<M, Input, Context> extends infer Now extends KnownOf<M['States']>
    ? Joined<
        never,
        {
          [N in keyof M['States']]: DataTo<Sent<M['States'][N], Now[N]['input'], Context>, End>;
        }[keyof M['States']]
      >
    : unknown;

/** Puts the name of a state before its messages. */
type Named<Name, Message> = Message extends string ? `${Name & string}: ${Message}` : Message;

type Unnested<Message> = Message extends Nested<infer Inner> ? Inner : Message;

type Names<States> = keyof States & string;

/** Messages of all states; `Each` has those of each. */
type Messages<Each> = Unnested<{ [N in keyof Each]: Named<N, Each[N]> }[keyof Each]>;

/** What is wrong with a machine for an input; `never` where nothing is. One kind of problem brings others about. */
export type ProblemsOf<M extends MachineParts, Input, Context = ContextOf<Input>> =
  FormProblems<M> extends infer Form
    ? [Form] extends [never]
      ? PathlessProblems<M['States'], M['StartAt']> extends infer Pathless
        ? [Pathless] extends [never]
          ? DataFlow<M, InputsOf<M, Input, Context>, Context>
          : Pathless
        : never
      : Form
    : never;

/** What is wrong with how the states are written, and targets that are no states. */
type FormProblems<M extends MachineParts> =
  | NoState<'StartAt', M['StartAt'], Names<M['States']>>
  | Messages<{
      readonly [N in keyof M['States']]:
        | ShapeProblems<M['States'][N]>
        | TargetProblems<M['States'][N], Names<M['States']>>;
    }>;

/** What can be told without the data: states that are not reached or never end, and errors that are not raised. */
type PathlessProblems<States, StartAt> = Messages<{
  readonly [N in keyof States]:
    | (N extends Reached<States, StartAt> ? never : 'it cannot be reached from StartAt')
    | (N extends Ending<States> ? never : 'no state that ends the machine can be reached from it')
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
    ? Named<Name, 'its input never settles: with every turn of a loop there is more in it'>
    : Now extends KnownOf<M['States']>
      ? Messages<{
          readonly [N in keyof M['States']]: DataProblems<M['States'][N], Now[N]['input'], Context>;
        }> extends infer Wrong
        ? [Wrong] extends [never]
          ? Messages<{
              readonly [N in keyof M['States']]: RulesInVain<M['States'][N], Now[N]['input'], Context>;
            }>
          : Wrong
        : never
      : Unfollowed;

/** Nothing that is known to bring this about; but what was not followed must not compile. */
type Unfollowed = 'StartAt: the data cannot be followed from it';

/** Rules of a Choice that hold for no input. */
type RulesInVain<S, Input, Context> = [Input] extends [never]
  ? never
  : S extends { readonly Type: 'Choice'; readonly Choices: infer Rules }
    ? InVain<Rules, Effective<S, Input, Context>>
    : never;

type InVain<Rules, T> = [T] extends [never]
  ? never
  : Rules extends readonly [infer Rule, ...infer Rest]
    ?
        | ([Narrow<T, Rule, true>] extends [never] ? InVainText<Rule> : never)
        | InVain<Rest, Narrow<T, Rule, false>>
    : never;

type InVainText<Rule> = Rule extends { readonly Variable: infer Path extends string }
  ? Rule extends { readonly StringEquals: infer Value extends string }
    ? `${Path} is never ${Value}`
    : Rule extends { readonly BooleanEquals: infer Value extends boolean }
      ? `${Path} is never ${Value}`
      : `the rule for ${Path} never holds`
  : 'a rule of its Choices never holds';

/** What is wrong with how a state is written. */
type ShapeProblems<S> = S extends { readonly Type: infer Type }
  ?
      | UnknownFields<Exclude<keyof S, FieldsOf<Type>>>
      | (Type extends 'Choice' | 'Succeed' | 'Fail'
          ? never
          : S extends { readonly Next: unknown; readonly End: unknown }
            ? 'it has both Next and End'
            : S extends { readonly Next: unknown } | { readonly End: unknown }
              ? never
              : 'it has neither Next nor End')
      | (Type extends 'Wait'
          ? WaitFields<keyof S & ('Seconds' | 'SecondsPath' | 'Timestamp' | 'TimestampPath')>
          : never)
  : never;

type UnknownFields<Name> = Name extends string ? `there is no field ${Name}` : never;

type WaitFields<Name> = [Name] extends [never] ? 'it has no time to wait for' : never;
