/** Estimates the resources for a file of any size from the definition, the plan's limits and the measured speeds. */

import { loadConcurrency, maxChunks } from '../../asl/limits.ts';
import type { Environment } from '../../environments/schema.ts';
import { planByProbe, planLimits, windowBytes } from '../../functions/core/csv/plan.ts';
import { bucketRanges } from '../../functions/core/feed/compare.ts';
import type { Chunk } from '../../functions/core/messages.ts';
import { RESERVE } from '../../functions/core/runtime/time.ts';
import { MAX_HISTORY_EVENTS } from '../scale/history.ts';
import type { speeds } from '../scale/results.ts';
import { type Rehearsal, Rehearser } from './rehearsal.ts';

/** The MB of memory that come with one vCPU; CPU is in proportion. Source: "Configure Lambda function memory". */
export const MEMORY_OF_ONE_CPU = 1_769;

/** The largest input or output of a state, in bytes; source: "Step Functions service quotas". */
const MAX_STATE_BYTES = 262_144;

/**
 * The seconds that one vCPU takes to sign a write request of a single row, send it over TLS and read the response;
 * measured.
 */
const SECONDS_PER_REQUEST = 0.25e-3;

/** The longest execution, in hours; source: "Step Functions service quotas". */
const MAX_EXECUTION_HOURS = 365 * 24;

/** The largest object, in bytes; source: "Amazon S3 objects overview". */
const MAX_OBJECT_BYTES = 5e12;

/** The states of each Map that are entered again when a chunk takes another pass. */
const LOOPS = [
  ['ValidateChunk', 'IsChunkValidated'],
  ['LoadChunk', 'IsChunkLoaded'],
] as const;

export interface Workload {
  /** The bytes of the file, and of each row. */
  readonly size: number;
  readonly rowBytes: number;
  /** The writes per second that the table accepts. */
  readonly writesPerSecond: number;
  /** Whether a write request has many rows, as without conditions; true by default. */
  readonly isBatched?: boolean;
  /** Whether the rows are compared with the index of their feed; false by default. */
  readonly isFollowed?: boolean;
}

export interface Estimate {
  readonly chunks: number;
  /** The size of a chunk, in bytes. */
  readonly chunkBytes: number;
  /** The bytes of the largest input or output of a state. */
  readonly largestPayload: number;
  readonly invocations: number;
  /** The function of each task, by the name of its state. */
  readonly tasks: Readonly<Record<string, string>>;
  /** How often each state is entered, by name. */
  readonly visits: Readonly<Record<string, number>>;
  /** The total seconds of each Map's functions, including the time that they wait. */
  readonly functionSeconds: { readonly validate: number; readonly load: number };
  /** The events of the longest history. */
  readonly events: number;
  /** The hours to validate and load. */
  readonly hours: number;
  /** Whether the functions are slower than the table. */
  readonly isBoundByFunctions: boolean;
  /** Whether the hours exceed the environment's `executionTimeoutMinutes`. */
  readonly isBeyondTimeout: boolean;
  /** The share of each limit that is used; 1 is the whole limit. */
  readonly used: Readonly<Record<string, number>>;
}

export type Speeds = ReturnType<typeof speeds>;

/** Makes estimates for one environment. */
export class Estimator {
  readonly #environment: Environment;
  readonly #speeds: Speeds;
  readonly #rehearser: Rehearser;
  /** Rehearsals by what they depend on: the digits of the size, and the numbers of chunks, loops and ranges. */
  readonly #rehearsals = new Map<string, Promise<Rehearsal>>();

  /** @param speeds of one vCPU */
  constructor(environment: Environment, speeds: Speeds) {
    this.#environment = environment;
    this.#rehearser = new Rehearser(environment);
    this.#speeds = speeds;
  }

  /** The number of chunks that are loaded concurrently. */
  get loaders(): number {
    return loadConcurrency(this.#environment);
  }

  /** The rows per second that all concurrent loads have the CPU time for. */
  get loadedRows(): number {
    return this.loaders * this.#speeds.loadedRows * this.#share;
  }

  async estimate({
    size,
    rowBytes,
    writesPerSecond,
    isBatched = true,
    isFollowed = false,
  }: Workload): Promise<Estimate> {
    const { mapMode, maxConcurrency } = this.#environment;
    const plan = await planned(size, maxChunks(mapMode));
    const chunks = plan.length;
    const chunkBytes = size / chunks;
    const rows = size / rowBytes;

    const validators = Math.min(maxConcurrency, chunks);
    const validateSeconds = chunkBytes / (this.#speeds.validatedBytes * this.#share);
    const loaders = Math.min(this.loaders, chunks);
    const secondsPerRow = 1 / this.#speeds.loadedRows + (isBatched ? 0 : SECONDS_PER_REQUEST);
    const byFunctions = (loaders * this.#share) / secondsPerRow;
    const pace = Math.min(writesPerSecond, byFunctions);
    const loadSeconds = (rows / chunks / pace) * loaders;
    const loops = [validateSeconds, loadSeconds].map((seconds) => this.#loops(seconds));
    const loopsOfBoth = loops.reduce((sum, each) => sum + each, 0);

    // The index has about as many keys as the file.
    const ranges = isFollowed ? bucketRanges(2 * rows).length : 0;
    const { largestPayload, history, invocations, visits, tasks } = await this.#rehearse(
      size,
      plan,
      0,
      ranges,
    );
    const [once, twice] = await Promise.all(
      [0, 1].map((loop) => this.#rehearse(1, [{ start: 0, end: 9 }], loop)),
    );
    const eventsOfLoop = (twice?.history.inline ?? 0) - (once?.history.inline ?? 0);
    const events =
      mapMode === 'INLINE'
        ? history.inline + chunks * loopsOfBoth * eventsOfLoop
        : Math.max(history.parent, history.children / (2 * chunks) + Math.max(...loops) * eventsOfLoop);
    const hours = ((validateSeconds * chunks) / validators + rows / pace) / 3_600;
    return {
      chunks,
      chunkBytes,
      largestPayload,
      invocations: invocations + chunks * loopsOfBoth,
      tasks,
      visits: {
        ...visits,
        ...Object.fromEntries(
          LOOPS.flatMap((states, map) =>
            states.map((state) => [state, (visits[state] ?? 0) + chunks * (loops[map] ?? 0)]),
          ),
        ),
      },
      functionSeconds: { validate: validateSeconds * chunks, load: loadSeconds * chunks },
      events,
      hours,
      isBoundByFunctions: byFunctions < writesPerSecond,
      isBeyondTimeout: hours * 60 > this.#environment.executionTimeoutMinutes,
      used: {
        'history events': events / MAX_HISTORY_EVENTS,
        'size of a state': largestPayload / MAX_STATE_BYTES,
        'length of an execution': hours / MAX_EXECUTION_HOURS,
        'size of an object': size / MAX_OBJECT_BYTES,
      },
    };
  }

  /** The share of a vCPU that a function has. */
  get #share(): number {
    return this.#environment.functionMemoryMb / MEMORY_OF_ONE_CPU;
  }

  /** How often a chunk must be resumed, given the seconds that it takes. */
  #loops(seconds: number): number {
    return Math.max(0, Math.ceil(seconds / (this.#environment.functionTimeoutSeconds - RESERVE / 1_000)) - 1);
  }

  #rehearse(size: number, chunks: readonly Chunk[], loops: number, ranges = 0): Promise<Rehearsal> {
    const key = [String(size).length, chunks.length, loops, ranges].join();
    const rehearsal = this.#rehearsals.get(key) ?? this.#rehearser.rehearse({ size, chunks, loops, ranges });
    this.#rehearsals.set(key, rehearsal);
    return rehearsal;
  }
}

/** The chunks of a file, if a record starts at the beginning of every window. */
async function planned(size: number, maxChunks: number): Promise<readonly Chunk[]> {
  const limits = planLimits(size, maxChunks);
  const body = { start: 0, size, delimiter: ',', width: 1 };
  const read = async function* () {
    yield Buffer.from('1\n2\n3\n');
  };
  return (await planByProbe(read, body, limits, windowBytes(limits.minChunkBytes))).chunks;
}
