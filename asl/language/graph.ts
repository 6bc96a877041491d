/** The transitions between the states of a machine. */

/** The names of the states that may follow a state. */
export type Targets<S> =
  | (S extends { readonly Next: infer Name } ? Name : never)
  | (S extends { readonly Default: infer Name } ? Name : never)
  | (S extends { readonly Choices: readonly { readonly Next: infer Name }[] } ? Name : never)
  | (S extends { readonly Catch: readonly { readonly Next: infer Name }[] } ? Name : never);

/** The messages about targets that do not exist. */
export type TargetProblems<S, Name extends string> =
  | (S extends { readonly Next: infer To } ? NoState<'Next', To, Name> : never)
  | (S extends { readonly Default: infer To } ? NoState<'Default', To, Name> : never)
  | (S extends { readonly Choices: readonly { readonly Next: infer To }[] }
      ? NoState<'Choices', To, Name>
      : never)
  | (S extends { readonly Catch: readonly { readonly Next: infer To }[] }
      ? NoState<'Catch', To, Name>
      : never);

export type NoState<Field extends string, To, Name extends string> = To extends string
  ? string extends To
    ? `${Field} must be a string literal`
    : To extends Name
      ? never
      : `${Field}: there is no state ${To}`
  : never;

/** The states that can be reached from the states `From`, which are included. */
export type Reached<States, From, Seen = never> = [From] extends [never]
  ? Seen
  : Reached<
      States,
      Exclude<
        { [N in keyof States]: N extends From ? Targets<States[N]> : never }[keyof States],
        Seen | From
      >,
      Seen | From
    >;

type IsTerminal<S> = S extends { readonly End: true }
  ? true
  : S extends { readonly Type: 'Succeed' | 'Fail' }
    ? true
    : false;

/** The states from which a final state can be reached. */
export type Ending<
  States,
  Known = { [N in keyof States]: IsTerminal<States[N]> extends true ? N : never }[keyof States],
> = {
  [N in keyof States]: N extends Known
    ? never
    : [Extract<Targets<States[N]>, Known>] extends [never]
      ? never
      : N;
}[keyof States] extends infer More
  ? [More] extends [never]
    ? Known
    : Ending<States, Known | More>
  : never;
