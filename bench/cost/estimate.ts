/** What a file of any size comes to: computed from the definition, the plan's limits and the speeds measured. */

import { loadConcurrency, maxChunks } from '../../asl/limits.ts';
import type { Environment } from '../../environments/schema.ts';
import { planByProbe, planLimits, windowBytes } from '../../functions/core/csv/plan.ts';
import type { Chunk } from '../../functions/core/messages.ts';
import { RESERVE } from '../../functions/core/runtime/time.ts';
import { MAX_HISTORY_EVENTS } from '../scale/history.ts';
import type { speeds } from '../scale/results.ts';
import { rehearse } from './rehearsal.ts';

/** MB of memory with which a function has one vCPU, and in proportion; source: "Configure Lambda function memory". */
export const MEMORY_OF_ONE_CPU = 1_769;

/** Limits of AWS; sources: "Step Functions service quotas", "Amazon S3 objects overview". */
const [MAX_STATE_BYTES, MAX_EXECUTION_HOURS, MAX_OBJECT_BYTES] = [262_144, 365 * 24, 5e12];

/** The states that are entered again for each turn of a chunk, of the first Map and of the second. */
const LOOPS = [
  ['ValidateChunk', 'IsChunkValidated'],
  ['LoadChunk', 'IsChunkLoaded'],
] as const;

export interface Workload {
  /** Bytes of the file, and of a row of it. */
  readonly size: number;
  readonly rowBytes: number;
  /** Writes a second that the table takes. */
  readonly writesPerSecond: number;
}

export interface Estimate {
  readonly chunks: number;
  /** Bytes. */
  readonly chunkBytes: number;
  readonly largestPayload: number;
  readonly invocations: number;
  /** How often each state is entered, by its name. */
  readonly visits: Readonly<Record<string, number>>;
  /** What the functions of a Map take together, in seconds of all of them; a waiting one counts, too. */
  readonly functionSeconds: { readonly validate: number; readonly load: number };
  /** Of the history that gets the most of them. */
  readonly events: number;
  /** To validate and to load. */
  readonly hours: number;
  /** Whether the functions, not the table, set the pace of the load. */
  readonly isBoundByFunctions: boolean;
  /** Whether that is longer than the environment lets an execution take. */
  readonly isBeyondTimeout: boolean;
  /** How much of each limit is used; 1 is all of it. */
  readonly used: Readonly<Record<string, number>>;
}

export type Speeds = ReturnType<typeof speeds>;

/** Estimates for one environment. */
export class Estimator {
  readonly #environment: Environment;
  readonly #speeds: Speeds;
  /** Rehearsals by all that they depend on: the digits of the size, the number of chunks, and the loops. */
  readonly #rehearsals = new Map<string, ReturnType<typeof rehearse>>();

  /** @param speeds of a whole vCPU. */
  constructor(environment: Environment, speeds: Speeds) {
    this.#environment = environment;
    this.#speeds = speeds;
  }

  /** Chunks that are loaded at once. */
  get loaders(): number {
    return loadConcurrency(this.#environment);
  }

  /** Rows a second that all of them together have the processor time for. */
  get loadedRows(): number {
    return this.loaders * this.#speeds.loadedRows * this.#share;
  }

  async estimate({ size, rowBytes, writesPerSecond }: Workload): Promise<Estimate> {
    const { mapMode, maxConcurrency } = this.#environment;
    const plan = await planned(size, maxChunks(mapMode));
    const chunks = plan.length;
    const chunkBytes = size / chunks;
    const rows = size / rowBytes;

    const validators = Math.min(maxConcurrency, chunks);
    const validateSeconds = chunkBytes / (this.#speeds.validatedBytes * this.#share);
    const loaders = Math.min(this.loaders, chunks);
    const byFunctions = loaders * this.#speeds.loadedRows * this.#share;
    const pace = Math.min(writesPerSecond, byFunctions);
    const loadSeconds = (rows / chunks / pace) * loaders;
    const loops = [validateSeconds, loadSeconds].map((seconds) => this.#loops(seconds));
    const loopsOfBoth = loops.reduce((sum, each) => sum + each, 0);

    const { largestPayload, history, invocations, visits } = await this.#rehearse(size, plan, 0);
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

  /** Part of a vCPU that a function has. */
  get #share(): number {
    return this.#environment.functionMemoryMb / MEMORY_OF_ONE_CPU;
  }

  /** Times that a chunk which takes so many seconds goes on where its function had to stop. */
  #loops(seconds: number): number {
    return Math.max(0, Math.ceil(seconds / (this.#environment.functionTimeoutSeconds - RESERVE / 1_000)) - 1);
  }

  #rehearse(size: number, chunks: readonly Chunk[], loops: number): ReturnType<typeof rehearse> {
    const key = [String(size).length, chunks.length, loops].join();
    const rehearsal = this.#rehearsals.get(key) ?? rehearse(this.#environment, { size, chunks, loops });
    this.#rehearsals.set(key, rehearsal);
    return rehearsal;
  }
}

/** How a file of so many bytes is cut when every window begins with a record. */
async function planned(size: number, maxChunks: number): Promise<readonly Chunk[]> {
  const limits = planLimits(size, maxChunks);
  const body = { start: 0, size, delimiter: ',', width: 1 };
  const read = async function* () {
    yield Buffer.from('1\n2\n3\n');
  };
  return (await planByProbe(read, body, limits, windowBytes(limits.minChunkBytes))).chunks;
}
