/** Payload templates: objects in which a field whose name ends in `.$` takes its value from a path or a function. */

import type { MessageOf } from './data.ts';
import type { Evaluate } from './intrinsic.ts';

type Scalar = string | number | boolean | null;

/** The type that a template produces. */
export type Resolve<Template, Input, Context, Where extends string> = Template extends Scalar
  ? Template
  : Template extends readonly unknown[]
    ? { readonly [I in keyof Template]: Resolve<Template[I], Input, Context, Where> }
    : {
        readonly [K in keyof Template as K extends `${infer Name}.$` ? Name : K]: K extends `${string}.$`
          ? Template[K] extends infer Text extends string
            ? Evaluate<Text, Input, Context, Where>
            : never
          : Resolve<Template[K], Input, Context, Where>;
      };

/** The problems of a template. */
export type TemplateProblems<Template, Input, Context, Where extends string> = Template extends Scalar
  ? never
  : Template extends readonly unknown[]
    ? { [I in keyof Template]: TemplateProblems<Template[I], Input, Context, Where> }[number]
    : {
        [K in keyof Template]: K extends `${string}.$`
          ? Template[K] extends infer Text extends string
            ? MessageOf<Evaluate<Text, Input, Context, Where>>
            : 'a field whose name ends in .$ needs a path or an intrinsic function'
          : TemplateProblems<Template[K], Input, Context, Where>;
      }[keyof Template];
