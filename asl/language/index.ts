/**
 * The Amazon States Language with the data's way through it checked by the compiler. A definition is a plain object
 * that serializes to exactly the language; nothing here runs but {@link stateMachine}, which gives it back as it is.
 * docs/asl.md says what is checked and how to read the messages.
 */

import type { Json } from './data.ts';
import type { OutputOf as Output, ProblemsOf as Problems } from './machine.ts';
import type { Machine, StateMachine } from './shape.ts';

export type { AnyContract, Contract, FunctionArn } from './contract.ts';
export type { LambdaErrorName } from './errors.ts';
export type * from './shape.ts';

/** What is wrong with a definition for an input of the execution, one message for each; `never` where nothing is. */
export type ProblemsOf<M extends Machine, Input> = Problems<M, Json<Input>>;

/** What an execution gives at its end. */
export type OutputOf<M extends Machine, Input> = Output<M, Json<Input>>;

/** A message in place of a string, with which it would make `never` of the whole definition. */
interface Wrong<Message> {
  readonly wrong: Message;
}

/** Puts the messages at the states that they are about. */
type Checked<M extends Machine, Messages> = string extends keyof M['States']
  ? unknown
  : [Messages] extends [never]
    ? unknown
    : {
        readonly StartAt: AtStart<Extract<Messages, `StartAt: ${string}`>>;
        readonly States: AtStates<M['States'], Messages>;
      };

type AtStart<Message> = [Message] extends [never] ? unknown : Wrong<Message>;

type AtStates<States, Messages> = {
  readonly [N in keyof States]: AtState<States[N], About<N, Messages>, Messages>;
};

type About<Name, Messages> = Extract<Messages, `${Name & string}: ${string}`>;

/** Messages about states in a Map are put there; those about states in a Parallel at the Parallel. */
type AtState<S, Own, Messages> = [Own] extends [never]
  ? S extends { readonly ItemProcessor: { readonly States: infer Inner } }
    ? { readonly ItemProcessor: { readonly States: AtStates<Inner, Messages> } }
    : S extends { readonly Branches: readonly { readonly States: infer Inner }[] }
      ? Unless<About<NamesIn<Inner>, Messages>>
      : unknown
  : Own;

type Unless<Message> = [Message] extends [never] ? unknown : Message;

/** The names of the states of machines, and of those in their Maps and Parallels. */
type NamesIn<States> = States extends unknown
  ? { [N in keyof States]: N | NamesIn<InnerStates<States[N]>> }[keyof States]
  : never;

type InnerStates<S> = S extends { readonly ItemProcessor: { readonly States: infer Inner } }
  ? Inner
  : S extends { readonly Branches: readonly { readonly States: infer Inner }[] }
    ? Inner
    : never;

/**
 * Gives back the definition that it is given, after the compiler has followed the data through it, from an input of
 * the execution on. What is wrong does not compile, with a message at the state that it is about.
 */
export function stateMachine<Input>() {
  return <const M extends StateMachine>(definition: M & Checked<M, ProblemsOf<M, Input>>): M => definition;
}
