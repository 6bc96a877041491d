/**
 * Simulates executions that start at the same time in an account with few concurrent invocations, in virtual time. The
 * order of the states, the concurrency of the Maps and the retriers are those of the definition.
 */

import { byFunction, pipeline } from '../../asl/pipeline.ts';
import type { Environment } from '../../environments/schema.ts';
import { EXECUTION_MARGIN } from '../../functions/core/ledger/lease.ts';
import { RESERVE } from '../../functions/core/runtime/time.ts';
import {
  type Definition,
  PUT_EVENTS,
  runnableDefinition,
  type TaskState,
} from '../../local/machine/definition.ts';
import type { Estimator } from '../cost/estimate.ts';
import { EventQueue, seeded } from '../virtual-time.ts';

/** The bytes of a row. */
const ROW_BYTES = 100;

/** Milliseconds of an invocation outside the Maps. */
const SINGLE_INVOCATION = 30_000;

/** Events and state transitions of a retry, and of another pass of a chunk with its Choice; source: `history.ts`. */
const RETRY = { events: 3, transitions: 1 } as const;
const PASS = { events: 7, transitions: 2 } as const;

export interface Scenario {
  readonly environment: Environment;
  /** Concurrent invocations of the account, all of them for these executions. */
  readonly concurrency: number;
  /** The number of files; each has an execution of its own. */
  readonly files: number;
  /** The bytes of each file. */
  readonly size: number;
  /** The writes per second that the table of all files accepts. */
  readonly writesPerSecond: number;
}

export interface Outcome {
  /** Chunks of each file. */
  readonly chunks: number;
  /** Executions that failed, or took longer than their timeout. */
  readonly failed: number;
  /** Hours until the last execution ended. */
  readonly hours: number;
  /** Invocations that Lambda throttled. */
  readonly throttled: number;
  /** Most events in a single history. */
  readonly events: number;
  /** State transitions of all executions. */
  readonly transitions: number;
  /** Most seconds between the starts of two invocations of an execution. */
  readonly longestGap: number;
  /** Executions that counted as dead at some time, because their lease had ended. */
  readonly dead: number;
}

/** The execution of a file. Times are in milliseconds of the virtual clock. */
class Execution {
  /** When it ended; infinite if it failed. */
  ended: number | undefined;
  longestGap = 0;
  /** Events in its own history, and state transitions, beyond those without retries and further passes. */
  events = 0;
  transitions = 0;
  #begun: number | undefined;

  beginInvocation(now: number): void {
    if (this.#begun !== undefined) this.longestGap = Math.max(this.longestGap, now - this.#begun);
    this.#begun = now;
  }
}

/** A task that is invoked until its work is done. */
interface Work {
  readonly task: TaskState;
  readonly execution: Execution;
  /** Runs one invocation. */
  readonly run: (now: number, end: (isDone: boolean, now: number) => void) => void;
  /** Counts what a retry or another pass adds. */
  readonly count: (added: typeof RETRY | typeof PASS) => void;
  readonly done: (now: number) => void;
}

/** The account's concurrency. */
class Account {
  throttled = 0;
  #free: number;
  readonly #queue: EventQueue;
  readonly #random: () => number;

  constructor(concurrency: number, queue: EventQueue, random: () => number) {
    this.#free = concurrency;
    this.#queue = queue;
    this.#random = random;
  }

  /** @param attempts retries so far, by retrier. */
  invoke(work: Work, now: number, attempts = new Map<object, number>()): void {
    const { task, execution } = work;
    if (execution.ended !== undefined) return;
    if (this.#free > 0) {
      this.#free -= 1;
      execution.beginInvocation(now);
      work.run(now, (isDone, later) => {
        this.#free += 1;
        if (isDone) {
          work.done(later);
        } else {
          work.count(PASS);
          this.invoke(work, later);
        }
      });
      return;
    }
    this.throttled += 1;
    const delay = retryDelay(task, 'Lambda.TooManyRequestsException', attempts, this.#random);
    if (delay === undefined) {
      execution.ended = Number.POSITIVE_INFINITY;
    } else {
      work.count(RETRY);
      this.#queue.add(now + delay, (later) => this.invoke(work, later, attempts));
    }
  }
}

/** The loads in progress, which share the writes that the table accepts. */
class Table {
  readonly #queue: EventQueue;
  readonly #writesPerSecond: number;
  readonly #rowsPerSecond: number;
  readonly #loads = new Set<{ rows: number; readonly until: number; readonly end: LoadEnd }>();
  #settled = 0;
  #version = 0;

  /** @param rowsPerSecond that one function has the CPU time for. */
  constructor(queue: EventQueue, writesPerSecond: number, rowsPerSecond: number) {
    this.#queue = queue;
    this.#writesPerSecond = writesPerSecond;
    this.#rowsPerSecond = rowsPerSecond;
  }

  /** Loads rows, but not for longer than `until`. */
  load(rows: number, now: number, until: number, end: LoadEnd): void {
    this.#settle(now);
    this.#loads.add({ rows, until, end });
    this.#plan(now);
  }

  /** Rows per millisecond that each function loads. */
  get #pace(): number {
    return Math.min(this.#rowsPerSecond, this.#writesPerSecond / this.#loads.size) / 1_000;
  }

  #settle(now: number): void {
    const rows = this.#pace * (now - this.#settled);
    for (const load of this.#loads) load.rows -= rows;
    this.#settled = now;
  }

  /** Plans the next end of a load, in place of what was planned before. */
  #plan(now: number): void {
    this.#version += 1;
    if (this.#loads.size === 0) return;
    const [version, pace] = [this.#version, this.#pace];
    let next = Number.POSITIVE_INFINITY;
    for (const { rows, until } of this.#loads) {
      const end = now + rows / pace;
      // Not with Math.min, which takes ten times as long in the sandbox of jest.
      if (end < next) next = end;
      if (until < next) next = until;
    }
    this.#queue.add(next, (later) => {
      if (version !== this.#version) return;
      this.#settle(later);
      const over = [...this.#loads].filter(({ rows, until }) => rows < 0.5 || until <= later);
      for (const load of over) this.#loads.delete(load);
      this.#plan(later);
      for (const { rows, end } of over) end(rows < 0.5 ? 0 : rows, later);
    });
  }
}

type LoadEnd = (rowsLeft: number, now: number) => void;

/**
 * Simulates a scenario.
 * @param estimator for an environment with the same functions.
 * @param definition of the state machine.
 */
export async function simulate(
  { environment, concurrency, files, size, writesPerSecond }: Scenario,
  estimator: Estimator,
  seed = 1,
  definition = definitionOf(environment),
): Promise<Outcome> {
  // With this many writes, no chunk takes another pass.
  const smooth = await estimator.estimate({ size, rowBytes: ROW_BYTES, writesPerSecond: 1e9 });
  const { chunks, visits, functionSeconds } = smooth;
  const functionTimeout = environment.functionTimeoutSeconds * 1_000;
  const random = seeded(seed);
  const queue = new EventQueue();
  const account = new Account(concurrency, queue, random);
  const table = new Table(queue, writesPerSecond, estimator.loadedRows / estimator.loaders);
  const steps = stepsOf(definition, new Set(Object.keys(visits)), chunks);
  let childEvents = 0;

  /** A function that runs one invocation of a step after the other. */
  const runner = ({ map }: Step): Work['run'] => {
    let rows = size / chunks / ROW_BYTES;
    return (now, end) => {
      if (map === 'LoadToDynamoDB') {
        table.load(rows, now, now + functionTimeout - RESERVE, (left, later) => {
          rows = left;
          end(left === 0, later);
        });
      } else {
        const duration = map === undefined ? SINGLE_INVOCATION : (functionSeconds.validate / chunks) * 1_000;
        queue.add(now + duration, (later) => end(true, later));
      }
    };
  };
  const enter = (execution: Execution, index: number, now: number): void => {
    const step = steps[index];
    if (step === undefined) {
      execution.ended = now;
      return;
    }
    const { task, map, iterations, atOnce } = step;
    const hasOwnHistory = map !== undefined && environment.mapMode === 'DISTRIBUTED';
    let [begun, done] = [0, 0];
    const iterate = (at: number): void => {
      begun += 1;
      let events = 0;
      const work: Work = {
        task,
        execution,
        run: runner(step),
        count: (added) => {
          execution.transitions += added.transitions;
          events += added.events;
          if (hasOwnHistory) childEvents = Math.max(childEvents, events);
          else execution.events += added.events;
        },
        done: (later) => {
          done += 1;
          if (done === iterations) enter(execution, index + 1, later);
          else if (begun < iterations) iterate(later);
        },
      };
      account.invoke(work, at);
    };
    while (begun < Math.min(atOnce, iterations)) iterate(now);
  };

  const executions = Array.from({ length: files }, () => new Execution());
  for (const execution of executions) queue.add(0, (now) => enter(execution, 0, now));
  queue.run(Number.MAX_VALUE);

  const timeout = environment.executionTimeoutMinutes * 60_000;
  const ends = executions.map(({ ended = Number.POSITIVE_INFINITY }) => ended);
  const gaps = executions.map(({ longestGap }) => longestGap);
  const transitionsOfOne = Object.values(visits).reduce((sum, each) => sum + each, 0);
  return {
    chunks,
    failed: ends.filter((end) => end > timeout).length,
    hours: Math.max(...ends) / 3_600_000,
    throttled: account.throttled,
    events: smooth.events + Math.max(childEvents, ...executions.map(({ events }) => events)),
    transitions: executions.reduce((sum, { transitions }) => sum + transitions, files * transitionsOfOne),
    longestGap: Math.max(...gaps) / 1_000,
    dead: gaps.filter((gap) => gap > functionTimeout + EXECUTION_MARGIN).length,
  };
}

/** A state that invokes a function. */
interface Step {
  readonly task: TaskState;
  /** The name of the Map whose task it is. */
  readonly map?: string;
  readonly iterations: number;
  /** Iterations that run at the same time. */
  readonly atOnce: number;
}

/** The tasks and Maps that an execution visits, in their order. */
function stepsOf({ States }: Definition, visited: ReadonlySet<string>, chunks: number): Step[] {
  return Object.entries(States).flatMap(([name, state]): Step[] => {
    if (!visited.has(name)) return [];
    if (state.Type === 'Task') {
      return state.Resource === PUT_EVENTS ? [] : [{ task: state, iterations: 1, atOnce: 1 }];
    }
    if (state.Type !== 'Map') return [];
    const { ItemProcessor, MaxConcurrency: atOnce = chunks } = state;
    const tasks = Object.values(ItemProcessor.States).filter((inner) => inner.Type === 'Task');
    return tasks.map((task) => ({ task, map: name, iterations: chunks, atOnce }));
  });
}

/** The definition of an environment, as it is deployed. */
export function definitionOf(environment: Environment): Definition {
  return runnableDefinition(
    pipeline({
      ...environment,
      sourceBucket: '',
      reportsBucket: '',
      executionTimeoutSeconds: environment.executionTimeoutMinutes * 60,
      functionArns: byFunction((name) => `arn:aws:lambda:eu-central-1:111122223333:function:${name}`),
    }),
  );
}

/**
 * Milliseconds until a task is tried again. Each retrier counts its own attempts; source: "Retrying after an error" in
 * the Step Functions developer guide.
 * @returns undefined when no retrier has an attempt left.
 */
function retryDelay(
  { Retry = [] }: TaskState,
  error: string,
  attempts: Map<object, number>,
  random: () => number,
): number | undefined {
  const retrier = Retry.find(({ ErrorEquals }) => ErrorEquals.includes(error));
  if (retrier === undefined) return undefined;
  const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, JitterStrategy } = retrier;
  const used = attempts.get(retrier) ?? 0;
  if (used >= MaxAttempts) return undefined;
  attempts.set(retrier, used + 1);
  const interval = IntervalSeconds * BackoffRate ** used;
  const delay = Math.min(retrier.MaxDelaySeconds ?? interval, interval) * 1_000;
  return JitterStrategy === 'FULL' ? delay * random() : delay;
}
