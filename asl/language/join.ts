/**
 * Unions of everything that may reach a state. Two objects that differ in one field become one object, whose field has
 * the union of both types. That describes the same values, and keeps the unions small however many paths lead to a state.
 */

import type { Absent, Flat, Get, Same, ValueOf, With, Without } from './data.ts';

/** A union with more types added. It stays the very same type if it covers them already. */
export type Joined<Known, More> = [More] extends [never]
  ? Known
  : [Known] extends [never]
    ? JoinedRest<LastOf<More>, More, LastOf<More>>
    : unknown extends Known
      ? Known
      : unknown extends More
        ? unknown
        : LastOf<More> extends infer Last
          ? JoinedRest<JoinedOne<Known, Last>, More, Last>
          : never;

type JoinedRest<Known, More, Done> = Joined<Known, WithoutMember<More, Done>>;

type WithoutMember<T, Member> = T extends unknown ? (Same<T, Member> extends true ? never : T) : never;

/** One member of a union: the last that the compiler saw. */
export type LastOf<T> = (T extends unknown ? (f: () => T) => void : never) extends (f: infer F) => void
  ? F extends () => infer Last
    ? Last
    : never
  : never;

type JoinedOne<Known, One> = true extends (Known extends unknown ? IsWithin<One, Known> : never)
  ? Known
  : LastOf<
        Known extends unknown ? ([OneDifference<Known, One>] extends [never] ? never : Known) : never
      > extends infer Twin
    ? [Twin] extends [never]
      ? Known | One
      : WithoutMember<Known, Twin> | Merged<Twin, One, OneDifference<Twin, One>>
    : never;

/** Whether a type is an object whose fields are all known. */
type IsPlain<T> = T extends string | number | boolean | null | readonly unknown[]
  ? false
  : string extends keyof T
    ? false
    : true;

/** The fields in which two objects differ. A field that is optional in only one of them counts. */
type Differences<A, B> =
  | Exclude<keyof A, keyof B>
  | Exclude<keyof B, keyof A>
  | { [K in keyof A & keyof B]-?: Same<A[K], B[K]> extends true ? never : K }[keyof A & keyof B];

/** The field in which two objects differ, if there is only one. */
type OneDifference<A, B> = [IsPlain<A>, IsPlain<B>] extends [true, true]
  ? Differences<A, B> extends infer Keys
    ? IsUnion<Keys> extends true
      ? never
      : Keys
    : never
  : never;

export type IsUnion<T, All = T> = [T] extends [never]
  ? false
  : T extends unknown
    ? [All] extends [T]
      ? false
      : true
    : never;

/** Whether one type describes only values that the other one describes too. Extra fields are not allowed. */
type IsWithin<One, Known> =
  Same<One, Known> extends true
    ? true
    : [IsPlain<One>, IsPlain<Known>] extends [true, true]
      ? FieldsWithin<One, Known, Differences<Known, One> & string>
      : One extends string | number | boolean | null
        ? One extends Known
          ? true
          : false
        : false;

type FieldsWithin<One, Known, Keys extends string> = [
  { [K in Keys]: FieldWithin<Get<One, [K]>, Get<Known, [K]>> extends true ? never : K }[Keys],
] extends [never]
  ? true
  : false;

type FieldWithin<One, Known> = One extends Absent
  ? Absent extends Known
    ? true
    : false
  : true extends (Known extends unknown ? ValueWithin<ValueOf<One>, ValueOf<Known>> : never)
    ? true
    : false;

type ValueWithin<One, Known> = [
  One extends unknown
    ? true extends (Known extends unknown ? IsWithin<One, Known> : never)
      ? never
      : One
    : never,
] extends [never]
  ? true
  : false;

/** Two objects that differ in one field, merged into one. */
type Merged<A, B, Key> = Key extends string
  ? MergedField<A, Key, Get<A, [Key]> | Get<B, [Key]>, Joined<ValueOf<Get<A, [Key]>>, ValueOf<Get<B, [Key]>>>>
  : never;

type MergedField<A, Key extends string, Got, Value> = Absent extends Got
  ? Flat<Without<A, Key> & { readonly [K in Key]?: Value }>
  : With<A, Key, Value>;
