/** The rules of a Choice: their problems, and what is known of the input if a rule holds or does not hold. */

import type { Described, Get, MessageOf, Same, Segment, With, Without } from './data.ts';
import type { IsUnion } from './join.ts';
import type { At, Segments } from './path.ts';
import type { ConstantOperators, KindOperators, PathOperators } from './shape.ts';

type Operator = keyof ConstantOperators | keyof PathOperators | keyof KindOperators;

type Kind<Name> = Name extends `String${string}` | `Timestamp${string}`
  ? string
  : Name extends `Numeric${string}`
    ? number
    : boolean;

type OperatorOf<Rule> = keyof Rule & Operator;

/** What a test expects, and whether it expects that or the opposite, as in `IsNull: false`. */
type Expectation<Rule> = Rule extends { readonly IsPresent: infer Wanted }
  ? [{ readonly present: true }, Wanted]
  : Rule extends { readonly IsNull: infer Wanted }
    ? [{ readonly kind: null }, Wanted]
    : Rule extends { readonly IsString: infer Wanted }
      ? [{ readonly kind: string }, Wanted]
      : Rule extends { readonly IsNumeric: infer Wanted }
        ? [{ readonly kind: number }, Wanted]
        : Rule extends { readonly IsBoolean: infer Wanted }
          ? [{ readonly kind: boolean }, Wanted]
          : Rule extends { readonly IsTimestamp: infer Wanted }
            ? [{ readonly some: string }, Wanted]
            : Rule extends { readonly StringEquals: infer Value }
              ? [{ readonly equals: Value }, true]
              : Rule extends { readonly NumericEquals: infer Value }
                ? [{ readonly equals: Value }, true]
                : Rule extends { readonly BooleanEquals: infer Value }
                  ? [{ readonly equals: Value }, true]
                  : [{ readonly some: Kind<OperatorOf<Rule>> }, true];

/** The type of the input if a rule holds (`true`) or does not hold (`false`). */
export type Narrow<T, Rule, Holds extends boolean> = [T] extends [never]
  ? never
  : Rule extends { readonly And: infer Rules }
    ? Every<T, Rules, Holds>
    : Rule extends { readonly Or: infer Rules }
      ? Some<T, Rules, Holds>
      : Rule extends { readonly Not: infer Inner }
        ? Narrow<T, Inner, Opposite<Holds>>
        : Rule extends { readonly Variable: infer Path extends string }
          ? Path extends `$$${string}`
            ? T
            : Expectation<Rule> extends [infer Expects, infer Wanted extends boolean]
              ? NarrowAt<T, Segments<Path>, Expects, Wanted extends true ? Holds : Opposite<Holds>>
              : T
          : T;

type Opposite<B extends boolean> = B extends true ? false : true;

/** Each rule of an And is tested only if the rules before it hold. */
type Every<T, Rules, Holds extends boolean> = Rules extends readonly [infer Rule, ...infer Rest]
  ? Holds extends true
    ? Every<Narrow<T, Rule, true>, Rest, true>
    : Narrow<T, Rule, false> | Every<Narrow<T, Rule, true>, Rest, false>
  : Holds extends true
    ? T
    : never;

/** Each rule of an Or is tested only if the rules before it do not hold. */
type Some<T, Rules, Holds extends boolean> = Rules extends readonly [infer Rule, ...infer Rest]
  ? Holds extends true
    ? Narrow<T, Rule, true> | Some<Narrow<T, Rule, false>, Rest, true>
    : Some<Narrow<T, Rule, false>, Rest, false>
  : Holds extends true
    ? never
    : T;

type NarrowAt<T, Path extends readonly Segment[], Expects, Holds extends boolean> = Path extends readonly [
  infer Head,
  ...infer Rest extends readonly Segment[],
]
  ? T extends readonly unknown[]
    ? Head extends number
      ? NarrowArray<T, Head, Rest, Expects, Holds>
      : T
    : unknown extends T
      ? T
      : Head extends string
        ? T extends unknown
          ? NarrowField<T, Head, Get<T, [Head]>, Rest, Expects, Holds>
          : never
        : T
  : NarrowValue<T, Expects, Holds>;

/** `Got` is what {@link Get} found at the field. */
type NarrowField<
  T,
  Key extends string,
  Got,
  Rest extends readonly Segment[],
  Expects,
  Holds extends boolean,
> =
  | (Extract<Got, { readonly value: unknown }> extends { readonly value: infer Value }
      ? Expects extends { readonly present: true }
        ? Rest extends readonly []
          ? Holds extends true
            ? Replaced<T, Key, Got, Value>
            : never
          : NarrowInside<T, Key, Got, NarrowAt<Value, Rest, Expects, Holds>>
        : NarrowInside<T, Key, Got, NarrowAt<Value, Rest, Expects, Holds>>
      : never)
  | ([Exclude<Got, { readonly value: unknown }>] extends [never]
      ? never
      : Holds extends true
        ? never
        : Key extends keyof T
          ? string extends keyof T
            ? T
            : Without<T, Key>
          : T);

type NarrowInside<T, Key extends string, Got, Value> = [Value] extends [never]
  ? never
  : Replaced<T, Key, Got, Value>;

/** The object itself if nothing has changed, so that the compiler sees fewer types. */
type Replaced<T, Key extends string, Got, Value> =
  Same<Got, { readonly value: Value }> extends true ? T : With<T, Key, Value>;

type NarrowArray<
  T extends readonly unknown[],
  Index extends number,
  Rest extends readonly Segment[],
  Expects,
  Holds extends boolean,
> = Expects extends { readonly present: true }
  ? Rest extends readonly []
    ? number extends T['length']
      ? Holds extends true
        ? Index extends 0
          ? readonly [T[number], ...T[number][]]
          : T
        : T
      : `${Index}` extends keyof T
        ? Holds extends true
          ? T
          : never
        : Holds extends true
          ? never
          : T
    : T
  : T;

type NarrowValue<T, Expects, Holds extends boolean> = unknown extends T
  ? T
  : Expects extends { readonly equals: infer Value }
    ? T extends unknown
      ? Holds extends true
        ? Value extends T
          ? Value
          : T extends Value
            ? T
            : never
        : IsOne<Value> extends true
          ? T extends Value
            ? never
            : T
          : T
      : never
    : Expects extends { readonly kind: infer K }
      ? T extends K
        ? Holds extends true
          ? T
          : never
        : Holds extends true
          ? never
          : T
      : Expects extends { readonly some: infer K }
        ? Holds extends true
          ? Extract<T, K>
          : T
        : T;

/** Whether a type has exactly one value. */
type IsOne<T> = string extends T ? false : number extends T ? false : IsUnion<T> extends true ? false : true;

/** The problems of a rule itself, and of its paths in an input. */
export type RuleProblems<Rule, T, Context> = [T] extends [never]
  ? never
  : Rule extends { readonly And: infer Rules }
    ? EveryProblem<Rules, T, Context>
    : Rule extends { readonly Or: infer Rules }
      ? SomeProblem<Rules, T, Context>
      : Rule extends { readonly Not: infer Inner }
        ? RuleProblems<Inner, T, Context>
        : Rule extends { readonly Variable: infer Path extends string }
          ? OperatorOf<Rule> extends infer Name
            ? [Name] extends [never]
              ? `${Path} has no comparison operator`
              : IsUnion<Name> extends true
                ? `${Path} has more than one operator in a rule`
                : TestProblems<Rule, Path, Name, T, Context>
            : never
          : 'a rule has no Variable';

type EveryProblem<Rules, T, Context> = Rules extends readonly [infer Rule, ...infer Rest]
  ? RuleProblems<Rule, T, Context> | EveryProblem<Rest, Narrow<T, Rule, true>, Context>
  : never;

type SomeProblem<Rules, T, Context> = Rules extends readonly [infer Rule, ...infer Rest]
  ? RuleProblems<Rule, T, Context> | SomeProblem<Rest, Narrow<T, Rule, false>, Context>
  : never;

type TestProblems<Rule, Path extends string, Name, T, Context> = Name extends 'IsPresent'
  ? [Segments<Path>] extends [never]
    ? `${Path} is not a supported path`
    : never
  : At<Path, T, Context, 'its input'> extends infer Value
    ? [MessageOf<Value>] extends [never]
      ? Name extends `Is${string}`
        ? never
        :
            | KindProblem<Path, Value, Kind<Name>>
            | (Name extends keyof PathOperators
                ? Rule extends { readonly [N in Name]: infer Other extends string }
                  ? OperandProblem<Other, At<Other, T, Context, 'its input'>, Kind<Name>>
                  : never
                : never)
      : MessageOf<Value>
    : never;

/** A comparison with a value of another type does not hold. A comparison that can never hold is a mistake. */
type KindProblem<Path extends string, Value, K> = unknown extends Value
  ? never
  : [Extract<Value, K>] extends [never]
    ? `${Path} is ${Described<Value>}, but is compared with ${Described<K>}`
    : never;

type OperandProblem<Path extends string, Value, K> = [MessageOf<Value>] extends [never]
  ? [Value] extends [K]
    ? never
    : `${Path} is ${Described<Value>}, but is compared as ${Described<K>}`
  : MessageOf<Value>;
