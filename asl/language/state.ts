/** What one state does to the data, and its problems with the data that reaches it. */

import type { Narrow, RuleProblems } from './choice.ts';
import type { AnyContract, Call, ContractOf } from './contract.ts';
import type { Blocked, Described, MessageOf, Misfit, Put } from './data.ts';
import type { CaughtName } from './errors.ts';
import type { Evaluate } from './intrinsic.ts';
import type { Iterating, MachineParts, OutputOf, ProblemsOf } from './machine.ts';
import type { Target } from './path.ts';
import type { Resolve, TemplateProblems } from './template.ts';

/** Data on its way to a state, or out of the machine if it goes to `End`. */
export interface Edge<To, Data> {
  readonly to: To;
  readonly data: Data;
}

export interface End {
  readonly end: true;
}

/** The value of a field, or `Otherwise` if there is no such field. */
type FieldOr<S, Name extends string, Otherwise> = S extends { readonly [N in Name]: infer Value }
  ? Value
  : Otherwise;

/** The value that `InputPath` or `OutputPath` selects. */
type Through<Path, T, Context, Where extends string> = Path extends null
  ? Record<never, never>
  : Path extends string
    ? Evaluate<Path, T, Context, Where>
    : T;

/** The input of a state after `InputPath`. */
export type Effective<S, Input, Context> = Through<FieldOr<S, 'InputPath', '$'>, Input, Context, 'its input'>;

/** The data that leaves a state, for each transition. */
export type Edges<S, Input, Context> = [Input] extends [never]
  ? never
  : S extends { readonly Type: 'Fail' }
    ? never
    : S extends { readonly Type: 'Choice'; readonly Choices: infer Rules }
      ? ChoiceEdges<S, Rules, Effective<S, Input, Context>, Context>
      :
          | Edge<
              S extends { readonly Next: infer To } ? To : End,
              Output<S, Input, ResultOf<S, Effective<S, Input, Context>, Context>, Context>
            >
          | CatchEdges<S, Input>;

type ChoiceEdges<S, Rules, T, Context> = Rules extends readonly [infer Rule, ...infer Rest]
  ?
      | Edge<FieldOr<Rule, 'Next', never>, Out<S, Narrow<T, Rule, true>, Context>>
      | ChoiceEdges<S, Rest, Narrow<T, Rule, false>, Context>
  : Edge<FieldOr<S, 'Default', never>, Out<S, T, Context>>;

type CatchEdges<S, Input> = S extends { readonly Catch: infer Catchers extends readonly unknown[] }
  ? {
      [I in keyof Catchers]: Catchers[I] extends {
        readonly ErrorEquals: infer Names;
        readonly Next: infer To;
      }
        ? Edge<
            To,
            Placed<
              FieldOr<Catchers[I], 'ResultPath', '$'>,
              Input,
              { readonly Error: CaughtName<Names>; readonly Cause: string }
            >
          >
        : never;
    }[number]
  : never;

/** The output of a state: its result after `ResultSelector`, `ResultPath` and `OutputPath`. */
type Output<S, Input, Result, Context> = Out<
  S,
  Placed<FieldOr<S, 'ResultPath', '$'>, Input, Selected<S, Result, Context>>,
  Context
>;

type Selected<S, Result, Context> = S extends { readonly ResultSelector: infer Template }
  ? Resolve<Template, Result, Context, 'its result'>
  : Result;

type Placed<Path, Input, Result> = Path extends null
  ? Input
  : Path extends '$'
    ? Result
    : Path extends string
      ? Put<Input, Target<Path>, Result>
      : never;

type Out<S, T, Context> = [T] extends [never]
  ? never
  : Through<FieldOr<S, 'OutputPath', '$'>, T, Context, 'its output'>;

/** The result of a state for an input. */
export type ResultOf<S, T, Context> = S extends { readonly Type: 'Task'; readonly Resource: infer Arn }
  ? Chosen<ContractOf<Arn>['calls'], Given<S, T, Context>>['result']
  : S extends { readonly Type: 'Map'; readonly ItemProcessor: infer Inner extends MachineParts }
    ? readonly OutputOf<Inner, ItemOf<S, T, Context>, Iterating<Context, Inner>>[]
    : S extends {
          readonly Type: 'Parallel';
          readonly Branches: infer Branches extends readonly MachineParts[];
        }
      ? { readonly [I in keyof Branches]: OutputOf<Branches[I], Given<S, T, Context>, Context> }
      : S extends { readonly Type: 'Pass'; readonly Result: infer Result }
        ? Result
        : Given<S, T, Context>;

/** What `Parameters` make of an input; each member of a union is resolved on its own. */
type Given<S, T, Context> = S extends { readonly Parameters: infer Template }
  ? T extends unknown
    ? Resolve<Template, T, Context, 'its input'>
    : never
  : T;

/** The first way to call a function that accepts the event. */
type Chosen<Calls, Event> = Calls extends readonly [infer One extends Call, ...infer Rest]
  ? [Event] extends [One['event']]
    ? One
    : Chosen<Rest, Event>
  : never;

/** The way to call a function that an event was probably meant for: the first one that has all of its fields. */
type Meant<Calls, Event> = Calls extends readonly [infer One extends Call]
  ? One
  : Calls extends readonly [infer One extends Call, ...infer Rest]
    ? [Event extends unknown ? Exclude<keyof Event, keyof One['event']> : never] extends [never]
      ? One
      : Meant<Rest, Event>
    : never;

/** The array that a Map iterates over. */
type ItemsOf<S, T, Context> = Evaluate<FieldOr<S, 'ItemsPath', '$'> & string, T, Context, 'its input'>;

/** The input of a Map's iteration. */
export type ItemOf<S, T, Context> =
  ItemsOf<S, T, Context> extends infer Items
    ? Items extends readonly (infer Item)[]
      ? S extends { readonly ItemSelector: infer Template }
        ? T extends unknown
          ? Resolve<Template, T, WithItem<Context, Item>, 'its input'>
          : never
        : Item
      : never
    : never;

type WithItem<Context, Item> = Context & {
  readonly Map: { readonly Item: { readonly Index: number; readonly Value: Item } };
};

/** The problems of a state with the data that reaches it. */
export type DataProblems<S, Input, Context> = [Input] extends [never]
  ? never
  : MessageOf<Effective<S, Input, Context>> extends infer Message
    ? [Message] extends [never]
      ? InnerProblems<S, Input, Effective<S, Input, Context>, Context>
      : Message
    : never;

type InnerProblems<S, Input, T, Context> = S extends {
  readonly Type: 'Choice';
  readonly Choices: infer Rules;
}
  ? ChoiceProblems<S, Rules, T, Context>
  : S extends { readonly Type: 'Fail' }
    ? StringProblems<S, 'ErrorPath' | 'CausePath', T, Context>
    : Before<S, T, Context> extends infer Message
      ? [Message] extends [never]
        ? ResultOf<S, T, Context> extends infer Result
          ? After<S, Input, Result, Context>
          : never
        : Message
      : never;

/** The problems up to the state's result. */
type Before<S, T, Context> =
  | (TemplateProblems<FieldOr<S, 'Parameters', null>, T, Context, 'its input'> extends infer Message
      ? [Message] extends [never]
        ? S extends { readonly Type: 'Task'; readonly Resource: infer Arn }
          ? EventProblems<ContractOf<Arn>, Given<S, T, Context>>
          : never
        : Message
      : never)
  | (S extends { readonly Type: 'Map' } ? MapProblems<S, T, Context> : never)
  | (S extends { readonly Type: 'Parallel'; readonly Branches: infer Branches }
      ? BranchProblems<Branches, Given<S, T, Context>, Context>
      : never)
  | (S extends { readonly Type: 'Wait' } ? WaitProblems<S, T, Context> : never);

/** The problems of a machine inside a state already name their own states, so they are kept apart. */
export interface Nested<Message> {
  readonly nested: Message;
}

type InnerMachine<Inner extends MachineParts, Input, Context> =
  ProblemsOf<Inner, Input, Context> extends infer Message
    ? [Message] extends [never]
      ? never
      : Nested<Message>
    : never;

type BranchProblems<Branches, Input, Context> = Branches extends readonly [
  infer First extends MachineParts,
  ...infer Rest,
]
  ? InnerMachine<First, Input, Context> | BranchProblems<Rest, Input, Context>
  : never;

type EventProblems<C, Event> = [C] extends [never]
  ? 'Resource is not the ARN of a function with a contract'
  : C extends AnyContract
    ? Chosen<C['calls'], Event> extends infer One
      ? [One] extends [never]
        ? Misfit<Event, Meant<C['calls'], Event>['event'], 'Parameters'>
        : One extends Call
          ? Surplus<Event, One['event']>
          : never
      : never
    : never;

/** An extra field is a mistake, as it is in an object literal. */
type Surplus<Event, Taken> = unknown extends Taken
  ? never
  : string extends keyof Taken
    ? never
    : Event extends unknown
      ? Exclude<keyof Event, keyof Taken> extends infer Field extends string
        ? `Parameters.${Field} is not a field of its function's event`
        : never
      : never;

type MapProblems<S, T, Context> =
  ItemsOf<S, T, Context> extends infer Items
    ? [MessageOf<Items>] extends [never]
      ? [Items] extends [readonly (infer Item)[]]
        ? S extends { readonly ItemSelector: infer Template }
          ? TemplateProblems<Template, T, WithItem<Context, Item>, 'its input'> extends infer Message
            ? [Message] extends [never]
              ? Iteration<S, T, Context>
              : Message
            : never
          : Iteration<S, T, Context>
        : `${FieldOr<S, 'ItemsPath', '$'> & string} is ${Described<Items>}, but a Map needs an array`
      : MessageOf<Items>
    : never;

type Iteration<S, T, Context> = S extends { readonly ItemProcessor: infer Inner extends MachineParts }
  ? InnerMachine<Inner, ItemOf<S, T, Context>, Iterating<Context, Inner>>
  : never;

type WaitProblems<S, T, Context> =
  | StringProblems<S, 'TimestampPath', T, Context>
  | (S extends { readonly SecondsPath: infer Path extends string }
      ? WrongKind<Path, Evaluate<Path, T, Context>, number>
      : never);

type StringProblems<S, Name extends string, T, Context> = {
  [N in Name]: S extends { readonly [K in N]: infer Path extends string }
    ? WrongKind<Path, Evaluate<Path, T, Context>, string>
    : never;
}[Name];

type WrongKind<Path extends string, Value, K> = [MessageOf<Value>] extends [never]
  ? [Value] extends [K]
    ? never
    : `${Path} is ${Described<Value>}, but must be ${Described<K>}`
  : MessageOf<Value>;

/** The problems from the state's result on. */
type After<S, Input, Result, Context> =
  | CatchProblems<S, Input>
  | ((
      S extends { readonly ResultSelector: infer Template }
        ? TemplateProblems<Template, Result, Context, 'its result'>
        : never
    ) extends infer Message
      ? [Message] extends [never]
        ? PlaceProblems<FieldOr<S, 'ResultPath', '$'>, Input> extends infer Wrong
          ? [Wrong] extends [never]
            ? MessageOf<Output<S, Input, Result, Context>>
            : Wrong
          : never
        : Message
      : never);

type CatchProblems<S, Input> = S extends { readonly Catch: infer Catchers extends readonly unknown[] }
  ? { [I in keyof Catchers]: PlaceProblems<FieldOr<Catchers[I], 'ResultPath', '$'>, Input> }[number]
  : never;

type PlaceProblems<Path, Input> = Path extends null | '$'
  ? never
  : Path extends string
    ? [Target<Path>] extends [never]
      ? `ResultPath: ${Path} is not a path that a result can be written to`
      : [Blocked<Input, Target<Path>>] extends [never]
        ? never
        : `ResultPath: ${Path} leads through a value that may not be an object`
    : never;

type ChoiceProblems<S, Rules, T, Context> = Rules extends readonly [infer Rule, ...infer Rest]
  ? RuleProblems<Rule, T, Context> extends infer Message
    ? [Message] extends [never]
      ? ChoiceProblems<S, Rest, Narrow<T, Rule, false>, Context>
      : Message
    : never
  : Rules extends readonly []
    ? S extends { readonly Default: unknown }
      ? MessageOf<Out<S, T, Context>>
      : [T] extends [never]
        ? never
        : 'Choices do not cover every input, and there is no Default'
    : 'Choices must be an array literal';
