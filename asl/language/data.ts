/** What is known of a JSON value, as a type; and how fields of it are read and written there. */

declare const problem: unique symbol;
declare const absent: unique symbol;

/** In place of a value that there is not: what is wrong. */
export interface Problem<Message extends string> {
  readonly [problem]: Message;
}

/** The messages of the problems among some types. */
export type MessageOf<T> = T extends Problem<infer Message> ? Message : never;

/** A value, in a box, since `unknown` would swallow {@link Absent} beside it. */
export interface Found<T> {
  readonly value: T;
}

/** No value. */
export interface Absent {
  readonly [absent]: true;
}

export type ValueOf<T> = T extends Found<infer Value> ? Value : never;

/** Whether two types are the very same, where `extends` would take a type with more fields as well. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Spells an intersection of objects out as one object. */
export type Flat<T> = { readonly [K in keyof T]: T[K] };

/** What becomes of a value on its way through JSON. */
export type Json<T> = unknown extends T
  ? unknown
  : T extends string | number | boolean | null
    ? T
    : T extends undefined
      ? never
      : T extends { toJSON(): infer Written }
        ? Json<Written>
        : T extends readonly unknown[]
          ? { readonly [K in keyof T]: Json<T[K]> }
          : Flat<
              { readonly [K in keyof T as MayLack<T, K> extends true ? never : K]: Json<T[K]> } & {
                readonly [K in keyof T as MayLack<T, K> extends true ? K : never]?: Json<
                  Exclude<T[K], undefined>
                >;
              }
            >;

/** Whether JSON may leave a field out: it is optional, or may be undefined. */
type MayLack<T, Key extends keyof T> = string extends Key
  ? false
  : unknown extends T[Key]
    ? IsOptional<T, Key>
    : undefined extends T[Key]
      ? true
      : false;

/** The name of a field, the position of an element, or all elements. */
export type Segment = string | number | AllElements;
export interface AllElements {
  readonly all: true;
}

type IsObject<T> = T extends readonly unknown[]
  ? false
  : T extends string | number | boolean | null
    ? false
    : T extends object
      ? true
      : false;

/** Whether a field is declared by its name, and not by an index signature alone. */
type IsDeclared<T, Key extends string> = string extends keyof T
  ? Key extends keyof { [K in keyof T as string extends K ? never : number extends K ? never : K]: true }
    ? true
    : false
  : Key extends keyof T
    ? true
    : false;

type IsOptional<T, Key extends keyof T> = Record<never, never> extends Pick<T, Key> ? true : false;

type Field<T, Key extends string> =
  IsDeclared<T, Key> extends true
    ? Key extends keyof T
      ? Found<Exclude<T[Key], undefined>> | (IsOptional<T, Key> extends true ? Absent : never)
      : never
    : string extends keyof T
      ? Found<T[string & keyof T]> | Absent
      : Absent;

type Element<T extends readonly unknown[], Index extends number> = number extends T['length']
  ? T extends readonly [infer First, ...unknown[]]
    ? Index extends 0
      ? Found<First>
      : Found<T[number]> | Absent
    : Found<T[number]> | Absent
  : `${Index}` extends keyof T
    ? Found<T[Index]>
    : Absent;

/** {@link Found} what is at a path of a value; {@link Absent} where it may be missing, or is in some of a union. */
export type Get<T, Path extends readonly Segment[]> = Path extends readonly [
  infer Head extends Segment,
  ...infer Rest extends readonly Segment[],
]
  ? unknown extends T
    ? Absent
    : T extends readonly unknown[]
      ? Head extends AllElements
        ? All<Get<T[number], Rest>>
        : Head extends number
          ? Further<Element<T, Head>, Rest>
          : Absent
      : IsObject<T> extends true
        ? Head extends string
          ? Further<Field<T, Head>, Rest>
          : Absent
        : Absent
  : Found<T>;

type Further<T, Rest extends readonly Segment[]> = T extends Found<infer Value> ? Get<Value, Rest> : T;

/** A path leaves out elements that it does not lead into. */
type All<T> = [T] extends [Absent] ? Absent : Found<readonly ValueOf<T>[]>;

/** An object with a field replaced or added. */
export type With<T, Key extends string, Value> = Flat<
  { readonly [K in keyof T as K extends Key ? never : K]: T[K] } & { readonly [K in Key]: Value }
>;

/** An object without a field. */
export type Without<T, Key extends string> = {
  readonly [K in keyof T as K extends Key ? never : K]: T[K];
};

/** A value with another one put at a path; objects on the way are made where there are none. */
export type Put<T, Path extends readonly string[], Value> = Path extends readonly [
  infer Head extends string,
  ...infer Rest extends readonly string[],
]
  ? T extends unknown
    ? With<T, Head, Put<Inside<T, Head>, Rest, Value>>
    : never
  : Value;

type Inside<T, Key extends string> =
  Get<T, [Key]> extends infer R ? (R extends Found<infer Value> ? Value : Record<never, never>) : never;

/** `true` where a value on the way of {@link Put} is, or may be, something else than an object. */
export type Blocked<T, Path extends readonly string[]> = Path extends readonly [
  infer Head extends string,
  ...infer Rest extends readonly string[],
]
  ? unknown extends T
    ? true
    : T extends unknown
      ? IsObject<T> extends true
        ? Rest extends readonly []
          ? never
          : BlockedInside<Get<T, [Head]>, Rest>
        : true
      : never
  : never;

type BlockedInside<T, Rest extends readonly string[]> =
  T extends Found<infer Value> ? Blocked<Value, Rest> : never;

/** What kind of value it is, in words; several are joined. */
export type Described<T> = unknown extends T
  ? 'of a kind that is not known'
  : Joined<
      [
        Extract<T, string> extends never ? never : 'a string',
        Extract<T, number> extends never ? never : 'a number',
        Extract<T, boolean> extends never ? never : 'a boolean',
        Extract<T, null> extends never ? never : 'null',
        Extract<T, readonly unknown[]> extends never ? never : 'an array',
        true extends IsObject<T> ? 'an object' : never,
      ]
    >;

type Joined<Words extends readonly string[], Text extends string = ''> = Words extends readonly [
  infer Word extends string,
  ...infer Rest extends readonly string[],
]
  ? Joined<Rest, [Word] extends [never] ? Text : Text extends '' ? Word : `${Text} or ${Word}`>
  : Text;

/** Where a value is not one of those that are wanted, in words; `never` where it is. */
export type Misfit<Given, Wanted, At extends string> = [Given] extends [Wanted]
  ? never
  : Given extends unknown
    ? [Given] extends [Wanted]
      ? never
      : unknown extends Given
        ? `${At} is not known to be ${Described<Wanted>}`
        : Given extends readonly unknown[]
          ? Wanted extends readonly (infer Element)[]
            ? Misfit<Given[number], Element, `${At}[*]`>
            : `${At} is an array, where ${Described<Wanted>} is taken`
          : [IsObject<Given>, IsObject<Wanted>] extends [true, true]
            ? MisfitFields<Given, Wanted, At>
            : Described<Given> extends Described<Wanted>
              ? `${At} is ${Described<Given>}, but not always one that is taken`
              : `${At} is ${Described<Given>}, where ${Described<Wanted>} is taken`
    : never;

type MisfitFields<Given, Wanted, At extends string> = {
  [K in keyof Wanted & string]: Get<Given, [K]> extends infer R
    ? Absent extends R
      ? IsOptional<Wanted, K> extends true
        ? Misfit<ValueOf<R>, Exclude<Wanted[K], undefined>, `${At}.${K}`>
        : `${At}.${K} is ${[R] extends [Absent] ? '' : 'sometimes '}missing`
      : Misfit<ValueOf<R>, Exclude<Wanted[K], undefined>, `${At}.${K}`>
    : never;
}[keyof Wanted & string];
