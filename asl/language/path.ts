/** JSONPaths, read at compile time. */

import type { Absent, Get, Problem, Segment, ValueOf } from './data.ts';

/** The segments of a path; `never` if it is not supported, such as a path with a filter or a slice. */
export type Segments<Path extends string> = Path extends `$$${infer Rest}`
  ? Split<Rest>
  : Path extends `$${infer Rest}`
    ? Split<Rest>
    : never;

type Split<Text extends string, Read extends readonly Segment[] = []> = Text extends ''
  ? Read
  : Text extends `['${infer Name}']${infer Rest}`
    ? Split<Rest, [...Read, Name]>
    : Text extends `[*]${infer Rest}`
      ? Split<Rest, [...Read, { readonly all: true }]>
      : Text extends `[${infer Index extends number}]${infer Rest}`
        ? `${Index}` extends `-${string}`
          ? never
          : Split<Rest, [...Read, Index]>
        : Text extends `.${infer Rest}`
          ? SplitName<Rest> extends [infer Name extends string, infer After extends string]
            ? Name extends '' | '*'
              ? never
              : Split<After, [...Read, Name]>
            : never
          : never;

/** The name at the start of a string, and the rest of the string. */
type SplitName<Text extends string> = Text extends `${infer Name}.${infer Rest}`
  ? Name extends `${infer Before}[${infer After}`
    ? [Before, `[${After}.${Rest}`]
    : [Name, `.${Rest}`]
  : Text extends `${infer Before}[${infer After}`
    ? [Before, `[${After}`]
    : [Text, ''];

/** The type of the value at a path, or a {@link Problem} if there may be no value. */
export type At<Path extends string, Input, Context, Where extends string> = string extends Path
  ? Problem<'a path must be a string literal'>
  : Path extends `$$${string}`
    ? Followed<Path, Context, 'the context object'>
    : Followed<Path, Input, Where>;

type Followed<Path extends string, T, Where extends string> = [Segments<Path>] extends [never]
  ? Problem<`${Path} is not a supported path`>
  : Get<T, Segments<Path>> extends infer Result
    ? [Result] extends [Absent]
      ? Problem<`${Path} is not in ${Where}`>
      : Absent extends Result
        ? Problem<`${Path} is not always in ${Where}`>
        : ValueOf<Result>
    : never;

/** The segments of a path that a value can be written to. All of them must be names. */
export type Target<Path extends string> = Path extends `$$${string}`
  ? never
  : Segments<Path> extends infer Names extends readonly string[]
    ? Names
    : never;
