/**
 * The Amazon States Language, with a data flow that the compiler checks. A definition is a plain object that serializes
 * to exactly the language. The only code that runs is {@link stateMachine}, which returns its argument.
 * docs/asl.md says what is checked, and how to read the messages.
 */

import type { Json } from './data.ts';
import type { OutputOf as Output, ProblemsOf as Problems } from './machine.ts';
import type { Machine, StateMachine } from './shape.ts';

export type { AnyContract, Contract, FunctionArn } from './contract.ts';
export type { LambdaErrorName } from './errors.ts';
export type * from './shape.ts';

/** The problems of a definition for an execution's input, one message each; `never` if there are none. */
export type ProblemsOf<M extends Machine, Input> = Problems<M, Json<Input>>;

/** The output of an execution. */
export type OutputOf<M extends Machine, Input> = Output<M, Json<Input>>;

/** A message, in an object: a string would turn the whole definition into `never`. */
interface Wrong<Message> {
  readonly wrong: Message;
}

/** Puts each message at the state that it is about. */
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

/** Messages about the states in a Map appear at those states; messages about the states in a Parallel at the Parallel. */
type AtState<S, Own, Messages> = [Own] extends [never]
  ? S extends { readonly ItemProcessor: { readonly States: infer Inner } }
    ? { readonly ItemProcessor: { readonly States: AtStates<Inner, Messages> } }
    : S extends { readonly Branches: readonly { readonly States: infer Inner }[] }
      ? Unless<About<NamesIn<Inner>, Messages>>
      : unknown
  : Own;

type Unless<Message> = [Message] extends [never] ? unknown : Message;

/** The names of some states, and of the states in their Maps and Parallels. */
type NamesIn<States> = States extends unknown
  ? { [N in keyof States]: N | NamesIn<InnerStates<States[N]>> }[keyof States]
  : never;

type InnerStates<S> = S extends { readonly ItemProcessor: { readonly States: infer Inner } }
  ? Inner
  : S extends { readonly Branches: readonly { readonly States: infer Inner }[] }
    ? Inner
    : never;

/**
 * Returns the definition unchanged. The compiler follows the data through it, starting with the execution's input. A
 * definition with a problem does not compile, and the message is at the state that it is about.
 */
export function stateMachine<Input>() {
  return <const M extends StateMachine>(definition: M & Checked<M, ProblemsOf<M, Input>>): M => definition;
}
