/** Runs executions of the synthesized definition. */

import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  ExecutionAbortedError,
  ExecutionError,
  ExecutionTimeoutError,
  StateMachine,
} from 'aws-local-stepfunctions';
import { z } from 'zod';
import { type Graph, graphOf } from '../../report/graph/graph.ts';
import { jsonBytes } from '../../report/record/bounded.ts';
import { RunRecorder } from '../../report/record/run-recorder.ts';
import { LambdaError } from '../emulator/lambda-environment.ts';
import { type Definition, PUT_EVENTS, runnableDefinition, tasksOf } from './definition.ts';
import { forInterpreter } from './for-interpreter.ts';
import { StateRecorder, type StateSummary, summaries } from './state-recorder.ts';

/** The largest input or output of a state or task, in bytes; source: "Step Functions service quotas". */
const MAX_STATE_BYTES = 262_144;

/** The most concurrent iterations of a Map: this machine has to run all the functions itself. */
const MAX_CONCURRENCY = Math.max(4, availableParallelism());

type Json = Parameters<StateMachine['run']>[0];

export interface Machine {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly definition: unknown;
}

export interface ExecutionOptions {
  /** The execution's name. */
  readonly name: string;
  readonly input: Json;
  /** Invokes a function with an event as JSON, and returns its result as JSON. */
  readonly invoke: (functionName: string, event: string, signal: AbortSignal) => Promise<string>;
  /** Called with the result of each function. */
  readonly onResult?: (payload: unknown) => void;
  /** Called with each event that a state puts on a bus; it may throw, as EventBridge may refuse an event. */
  readonly onEvent?: (entry: PutEvent) => void;
  /** Records everything that happens; it must be made for the machine's {@link LocalMachine.graph}. */
  readonly recorder?: RunRecorder;
}

const putEvents = z.strictObject({
  Entries: z.tuple([
    z.strictObject({ Source: z.string(), DetailType: z.string(), Detail: z.record(z.string(), z.json()) }),
  ]),
});

/** An event that a state puts on the default bus. */
export type PutEvent = z.output<typeof putEvents>['Entries'][0];

export type Outcome =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED'; readonly error: string; readonly cause: string };

export type ExecutionResult = Outcome & {
  readonly name: string;
  readonly states: readonly StateSummary[];
  /** The last log lines of a function that crashed or was killed. */
  readonly log: readonly string[];
};

/** An error that fails an execution even if its definition catches or retries all errors. */
class DataLimitExceeded extends Error {
  override readonly name = 'States.DataLimitExceeded';
  readonly isCatchable = false;
  readonly isRetryable = false;

  constructor(what: string, bytes: number) {
    super(`${what} has ${bytes} bytes; Step Functions allows at most ${MAX_STATE_BYTES}.`);
  }
}

function checkSize(what: string, value: unknown): void {
  const bytes = jsonBytes(value);
  if (bytes > MAX_STATE_BYTES) throw new DataLimitExceeded(what, bytes);
}

/** A state machine that runs on this machine. */
export class LocalMachine {
  readonly graph: Graph;
  readonly #machine: Machine;
  readonly #definition: Definition;
  readonly #interpreter: StateMachine;

  /**
   * @throws UnsupportedError when the local run cannot run a part of the definition like AWS; the message names the part.
   */
  constructor(machine: Machine) {
    this.#machine = machine;
    this.#definition = runnableDefinition(machine.definition);
    this.graph = graphOf(this.#definition);
    this.#interpreter = new StateMachine(forInterpreter(this.#definition, MAX_CONCURRENCY), {
      // The definition has been checked, and for less: compiling the validator's schemas takes 0.4 s of the processor.
      validationOptions: { noValidate: true },
    });
  }

  /** Runs one execution to its end. All of its invocations have ended when it resolves. */
  async execute({
    name,
    input,
    invoke,
    onResult,
    onEvent,
    recorder = new RunRecorder(this.graph, Date.now()),
  }: ExecutionOptions): Promise<ExecutionResult> {
    const states = new StateRecorder(recorder);
    const over = new AbortController();
    const maps = new Map<string, AbortController>();
    const inFlight = new Set<Promise<string>>();
    let log: readonly string[] = [];
    const handlers = [...tasksOf(this.#definition)].map(([state, { task, map }]) => {
      const handle = async (event: Json): Promise<Json> => {
        checkSize(`The input of ${state}`, event);
        const iterations = map === undefined ? undefined : maps.get(map);
        const signal =
          iterations === undefined ? over.signal : AbortSignal.any([over.signal, iterations.signal]);
        // The interpreter keeps starting iterations of a Map that has failed.
        if (signal.aborted) throw new Error(`${state} was not started: its Map or the execution has ended.`);
        if (task.Resource === PUT_EVENTS) {
          onEvent?.(putEvents.parse(event).Entries[0]);
          return { Entries: [{ EventId: randomUUID() }], FailedEntryCount: 0 };
        }
        const since = Date.now();
        const invocation = invoke(task.Resource, JSON.stringify(event), signal);
        inFlight.add(invocation);
        try {
          const result: Json = JSON.parse(await invocation);
          checkSize(`The result of ${state}`, result);
          recorder.result(Date.now(), state, result);
          onResult?.(result);
          return result;
        } catch (error) {
          if (error instanceof LambdaError && !signal.aborted) log = error.log;
          throw error;
        } finally {
          inFlight.delete(invocation);
          recorder.invoked(state, Date.now() - since);
        }
      };
      return [state, handle] as const;
    });

    const { arn, name: machineName, roleArn } = this.#machine;
    const run = this.#interpreter.run(input, {
      overrides: { taskResourceLocalHandlers: Object.fromEntries(handlers) },
      context: {
        Execution: {
          Id: `${arn.replace(':stateMachine:', ':execution:')}:${name}`,
          Input: input,
          Name: name,
          RoleArn: roleArn,
        },
        StateMachine: { Id: arn, Name: machineName },
      },
    });
    let tooLarge: DataLimitExceeded | undefined;
    const recorded = (async () => {
      for await (const event of run.eventLogs) {
        states.add(event);
        if (!('state' in event)) continue;
        const { name: state, type } = event.state;
        if (type === 'Map' && event.type === 'StateEntered') maps.set(state, new AbortController());
        if (type === 'Map' && event.type === 'StateFailed') maps.get(state)?.abort();
        try {
          if (event.type === 'StateEntered') checkSize(`The input of ${state}`, event.state.input);
          if (event.type === 'StateExited') checkSize(`The output of ${state}`, event.state.output);
        } catch (error) {
          if (!(error instanceof DataLimitExceeded)) throw error;
          tooLarge ??= error;
          run.abort();
        }
      }
    })();
    const outcome = await settled(run.result);
    over.abort();
    await Promise.allSettled(inFlight);
    await recorded;
    recorder.finish(Date.now());
    return {
      ...(tooLarge === undefined ? outcome : failed(tooLarge)),
      name,
      states: summaries(recorder.snapshot().states),
      log,
    };
  }
}

async function settled(result: Promise<Json>): Promise<Outcome> {
  try {
    return { status: 'SUCCEEDED', output: await result };
  } catch (error) {
    if (error instanceof ExecutionTimeoutError) {
      return {
        status: 'FAILED',
        error: 'States.Timeout',
        cause: 'The execution took longer than its TimeoutSeconds.',
      };
    }
    if (error instanceof ExecutionAbortedError) return failed(error);
    if (error instanceof ExecutionError && error.cause instanceof Error) return failed(error.cause);
    throw error;
  }
}

function failed({ name, message }: Error): Outcome {
  return { status: 'FAILED', error: name, cause: message };
}
