/** What is known of a JSON value, as a type, and how its fields are read and written. */

declare const problem: unique symbol;
declare const absent: unique symbol;

/** Takes the place of a value that could not be found, and says why. */
export interface Problem<Message extends string> {
  readonly [problem]: Message;
}

/** The messages of the problems in a union. */
export type MessageOf<T> = T extends Problem<infer Message> ? Message : never;

/** A value in a box: in a union, a bare `unknown` would swallow {@link Absent}. */
export interface Found<T> {
  readonly value: T;
}

/** No value. */
export interface Absent {
  readonly [absent]: true;
}

export type ValueOf<T> = T extends Found<infer Value> ? Value : never;

/** Whether two types are exactly the same. `extends` would also accept a type with more fields. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Turns an intersection of objects into one object. */
export type Flat<T> = { readonly [K in keyof T]: T[K] };

/** The type of a value after it has been written as JSON and read again. */
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
              { readonly [K in keyof T as IsOmittable<T, K> extends true ? never : K]: Json<T[K]> } & {
                readonly [K in keyof T as IsOmittable<T, K> extends true ? K : never]?: Json<
                  Exclude<T[K], undefined>
                >;
              }
            >;

/** Whether JSON may leave a field out, because it is optional or may be undefined. */
type IsOmittable<T, Key extends keyof T> = string extends Key
  ? false
  : unknown extends T[Key]
    ? IsOptional<T, Key>
    : undefined extends T[Key]
      ? true
      : false;

/** The name of a field, the index of an element, or all elements. */
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

/** Whether a field is declared by its name, not only by an index signature. */
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

/** What is at a path of a value: {@link Found}, {@link Absent}, or both if the value may be missing. */
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

/** A path with `[*]` leaves out the elements that lack the rest of the path. */
type All<T> = [T] extends [Absent] ? Absent : Found<readonly ValueOf<T>[]>;

/** An object with one field replaced or added. */
export type With<T, Key extends string, Value> = Flat<
  { readonly [K in keyof T as K extends Key ? never : K]: T[K] } & { readonly [K in Key]: Value }
>;

/** An object without one of its fields. */
export type Without<T, Key extends string> = {
  readonly [K in keyof T as K extends Key ? never : K]: T[K];
};

/** A value with another value written at a path. Missing objects along the path are created. */
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

/** `true` if a value along the path of {@link Put} may not be an object. */
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

/** The JSON type of a value in words; the words of a union are joined with "or". */
export type Described<T> = unknown extends T
  ? 'of an unknown type'
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

/** The messages about why a value cannot be assigned to the wanted type; `never` if it can. */
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
            : `${At} is an array, but must be ${Described<Wanted>}`
          : [IsObject<Given>, IsObject<Wanted>] extends [true, true]
            ? MisfitFields<Given, Wanted, At>
            : Described<Given> extends Described<Wanted>
              ? `${At} is ${Described<Given>}, but not always an allowed value`
              : `${At} is ${Described<Given>}, but must be ${Described<Wanted>}`
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
