/**
 * Intrinsic functions, read at compile time.
 * Source: "Intrinsic functions for JSONPath states", Step Functions developer guide.
 */

import type { Described, Flat, MessageOf, Problem } from './data.ts';
import type { At } from './path.ts';

/** The value of a path or an intrinsic function, or a {@link Problem}. */
export type Evaluate<
  Text extends string,
  Input,
  Context,
  Where extends string = 'its input',
> = string extends Text
  ? Problem<'a path must be a string literal'>
  : Text extends `$${string}`
    ? At<Text, Input, Context, Where>
    : ReadValue<Text> extends [infer Value, infer Rest extends string]
      ? TrimStart<Rest> extends ''
        ? Value extends Call<infer Name, infer Args>
          ? Called<Name, Arguments<Args, Input, Context, Where>>
          : Problem<`${Text} is neither a path nor an intrinsic function`>
        : Problem<`${Text} is neither a path nor an intrinsic function`>
      : Problem<`${Text} is neither a path nor an intrinsic function`>;

interface Call<Name extends string, Args extends readonly unknown[]> {
  readonly call: Name;
  readonly args: Args;
}

interface Literal<T> {
  readonly literal: T;
}

interface Path<T extends string> {
  readonly path: T;
}

type TrimStart<Text extends string> = Text extends ` ${infer Rest}` ? TrimStart<Rest> : Text;
type TrimEnd<Text extends string> = Text extends `${infer Rest} ` ? TrimEnd<Rest> : Text;

/** The value at the start of a string, and the rest of the string. */
type ReadValue<Text extends string> =
  TrimStart<Text> extends `'${infer Rest}`
    ? ReadString<Rest>
    : TrimStart<Text> extends `States.${infer Name}(${infer Rest}`
      ? ReadArguments<`States.${Name}`, Rest>
      : ReadWord<TrimStart<Text>>;

type ReadString<Text extends string, Read extends string = ''> = Text extends `${infer Before}'${infer Rest}`
  ? Before extends `${infer Part}\\`
    ? ReadString<Rest, `${Read}${Part}'`>
    : [Literal<`${Read}${Before}`>, Rest]
  : never;

/** A path, a number or a word, up to the next comma or bracket. */
type ReadWord<Text extends string> = Text extends `${infer Before},${infer After}`
  ? Before extends `${infer Word})${infer Rest}`
    ? [ParsedWord<TrimEnd<Word>>, `)${Rest},${After}`]
    : [ParsedWord<TrimEnd<Before>>, `,${After}`]
  : Text extends `${infer Word})${infer Rest}`
    ? [ParsedWord<TrimEnd<Word>>, `)${Rest}`]
    : never;

type ParsedWord<Word extends string> = Word extends `$${string}`
  ? Path<Word>
  : Word extends `${infer N extends number}`
    ? Literal<N>
    : Word extends 'true'
      ? Literal<true>
      : Word extends 'false'
        ? Literal<false>
        : Word extends 'null'
          ? Literal<null>
          : Problem<`${Word} is not a value`>;

type ReadArguments<Name extends string, Text extends string, Read extends readonly unknown[] = []> =
  TrimStart<Text> extends `)${infer Rest}`
    ? [Call<Name, Read>, Rest]
    : ReadValue<Text> extends [infer Value, infer Rest extends string]
      ? TrimStart<Rest> extends `,${infer More}`
        ? ReadArguments<Name, More, [...Read, Value]>
        : TrimStart<Rest> extends `)${infer After}`
          ? [Call<Name, [...Read, Value]>, After]
          : never
      : never;

type Arguments<Args extends readonly unknown[], Input, Context, Where extends string> = {
  [I in keyof Args]: Args[I] extends Literal<infer T>
    ? T
    : Args[I] extends Path<infer P>
      ? At<P, Input, Context, Where>
      : Args[I] extends Call<infer Name, infer Inner>
        ? Called<Name, Arguments<Inner, Input, Context, Where>>
        : Args[I];
};

type Items = readonly unknown[];
type Fields = { readonly [name: string]: unknown };
type Hash = 'MD5' | 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** The parameters of each function, as a tuple. A function with an optional argument has a union of tuples. */
interface Signatures {
  'States.StringToJson': [string];
  'States.JsonToString': [unknown];
  'States.ArrayPartition': [Items, number];
  'States.ArrayContains': [Items, unknown];
  'States.ArrayRange': [number, number, number];
  'States.ArrayGetItem': [Items, number];
  'States.ArrayLength': [Items];
  'States.ArrayUnique': [Items];
  'States.Base64Encode': [string];
  'States.Base64Decode': [string];
  'States.Hash': [string, Hash];
  'States.JsonMerge': [Fields, Fields, false];
  'States.MathRandom': [number, number] | [number, number, number];
  'States.MathAdd': [number, number];
  'States.StringSplit': [string, string];
  'States.UUID': [];
}

/** What each function returns. */
type Result<Name extends keyof Signatures, Args extends Items> = Name extends
  | 'States.JsonToString'
  | 'States.Base64Encode'
  | 'States.Base64Decode'
  | 'States.Hash'
  | 'States.UUID'
  ? string
  : Name extends 'States.MathRandom' | 'States.MathAdd' | 'States.ArrayLength'
    ? number
    : Name extends 'States.ArrayContains'
      ? boolean
      : Name extends 'States.ArrayRange'
        ? readonly number[]
        : Name extends 'States.StringSplit'
          ? readonly string[]
          : Name extends 'States.JsonMerge'
            ? Merged<Args[0], Args[1]>
            : Args[0] extends readonly (infer Element)[]
              ? Name extends 'States.ArrayPartition'
                ? readonly (readonly Element[])[]
                : Name extends 'States.ArrayUnique'
                  ? readonly Element[]
                  : ItemAt<Args[0], Args[1]>
              : unknown;

/** The fields of both objects. The second one wins where both have a field. */
type Merged<A, B> = A extends unknown
  ? B extends unknown
    ? Flat<
        { readonly [K in keyof A as K extends keyof B ? never : K]: A[K] } & {
          readonly [K in keyof B as MergedOptional<A, B, K> extends true ? never : K]: B[K];
        } & {
          readonly [K in keyof B as MergedOptional<A, B, K> extends true ? K : never]:
            | Exclude<B[K], undefined>
            | A[K & keyof A];
        }
      >
    : never
  : never;

/** Whether the second object may lack a field that the first one has. */
type MergedOptional<A, B, K extends keyof B> = K extends keyof A
  ? Record<never, never> extends Pick<B, K>
    ? true
    : false
  : false;

type ItemAt<T, Index> = T extends Items
  ? Index extends number
    ? number extends T['length']
      ? Problem<'States.ArrayGetItem may read past the end of its array'>
      : `${Index}` extends keyof T
        ? T[Index]
        : Problem<'States.ArrayGetItem reads past the end of its array'>
    : never
  : never;

type Called<Name extends string, Args> = Args extends Items
  ? [MessageOf<Args[number]>] extends [never]
    ? Name extends 'States.Array'
      ? Readonly<Args>
      : Name extends 'States.Format'
        ? Formatted<Args>
        : Name extends keyof Signatures
          ? Checked<Name, Args, Signatures[Name]>
          : Problem<`there is no intrinsic function ${Name}`>
    : Problem<MessageOf<Args[number]>>
  : never;

type Checked<
  Name extends keyof Signatures,
  Args extends Items,
  Taken extends Items,
> = Args['length'] extends Taken['length']
  ? [MessageOf<Wrong<Name, Args, Extract<Taken, { length: Args['length'] }>>[number]>] extends [never]
    ? Name extends 'States.StringToJson'
      ? unknown
      : Result<Name, Args>
    : Problem<MessageOf<Wrong<Name, Args, Extract<Taken, { length: Args['length'] }>>[number]>>
  : Problem<`${Name} takes ${Taken['length']} arguments, but has ${Args['length']}`>;

type Wrong<Name extends string, Args extends Items, Taken extends Items> = {
  [I in keyof Args]: [Args[I]] extends [Taken[I & keyof Taken]]
    ? null
    : Problem<`${Name} takes ${Wanted<Taken[I & keyof Taken]>} as argument ${Position<I>}, not ${Given<Args[I], Taken[I & keyof Taken]>}`>;
};

type Wanted<T> = [T] extends [Hash]
  ? 'the name of a hash algorithm'
  : [T] extends [false]
    ? 'false'
    : Described<T>;
type Given<T, Taken> = T extends string ? ([Taken] extends [Hash] ? `'${T}'` : Described<T>) : Described<T>;

/** The number of an argument, counted from 1. */
type Position<I> = I extends '0' ? '1' : I extends '1' ? '2' : '3';

/** `States.Format` needs one value for each `{}` of its template. */
type Formatted<Args extends Items> = Args extends readonly [infer Template, ...infer Values]
  ? [Template] extends [string]
    ? [Values[number]] extends [string | number | boolean | null]
      ? string extends Template
        ? Problem<'States.Format needs a template that is a string literal'>
        : Placeholders<Template>['length'] extends Values['length']
          ? string
          : Problem<`States.Format needs ${Placeholders<Template>['length']} values for its template, but has ${Values['length']}`>
      : Problem<`States.Format cannot format ${Described<Exclude<Values[number], string | number | boolean | null>>}`>
    : Problem<`States.Format needs a template that is a string, not ${Described<Template>}`>
  : Problem<'States.Format needs a template'>;

type Placeholders<Text, Count extends readonly 1[] = []> = Text extends `${string}{}${infer Rest}`
  ? Placeholders<Rest, [...Count, 1]>
  : Count;
