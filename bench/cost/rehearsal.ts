/**
 * Executes the pipeline's definition with made-up results, as the functions would return them for a file of any size.
 * The sizes of the states and the number of transitions depend only on the number of chunks, not on the rows.
 */

import { byFunction, pipeline } from '../../asl/pipeline.ts';
import type { Environment } from '../../environments/schema.ts';
import type {
  BeginResult,
  Chunk,
  ComparedRange,
  Feed,
  LoadEvent,
  LoadedChunk,
  MaybeSuperseded,
  PipelineResult,
  PlannedUpload,
  ValidatedChunk,
  ValidateEvent,
  Verdict,
} from '../../functions/core/messages.ts';
import { BUCKETS } from '../../functions/core/working/keys.ts';
import { runnableDefinition, tasksOf } from '../../local/machine/definition.ts';
import { LocalMachine } from '../../local/machine/execution.ts';
import { type History, historyOf } from '../scale/history.ts';

/** Names as long as AWS allows. */
const EXECUTION = 'x'.repeat(80);
const BUCKET = 'x'.repeat(63);
const KEY = 'x'.repeat(1_024);
const VERSION = 'x'.repeat(1_024);

const FEED: Feed = {
  last: `1-${EXECUTION}`,
  base: { id: `1-${EXECUTION}`, complete: true, keys: 9_999_999_999, salt: EXECUTION, table: 'f'.repeat(32) },
  salt: EXECUTION,
  table: 'f'.repeat(32),
  force: false,
  allowRemovals: false,
};

const COMPARED: ComparedRange = {
  start: 0,
  end: BUCKETS,
  at: BUCKETS,
  base: 9_999_999_999,
  added: 9_999_999_999,
  changed: 9_999_999_999,
  unchanged: 9_999_999_999,
  deletes: 9_999_999_999,
  countedDeletes: 9_999_999_999,
  kept: 9_999_999_999,
  counted: 9_999_999_999,
};

/** The made-up file. */
export interface FictionalFile {
  /** The size of the file, in bytes. */
  readonly size: number;
  readonly chunks: readonly Chunk[];
  /** How often the load of each chunk is resumed. */
  readonly loops: number;
  /** Ranges of keys that are compared with an index; 0 if there is none. */
  readonly ranges: number;
}

export interface Rehearsal {
  /** The bytes of the largest input or output of a state. */
  readonly largestPayload: number;
  readonly history: History;
  /** How often each state is entered, by name. */
  readonly visits: Readonly<Record<string, number>>;
  /** The function of each task that invokes one, by the name of its state. */
  readonly tasks: Readonly<Record<string, string>>;
  /** The number of function invocations. */
  readonly invocations: number;
}

/** The ARN of a function without its name. */
const ARN_PREFIX = 'arn:aws:lambda:eu-central-1:111122223333:function:';

/** Executes the definition of the pipeline in an environment, without any function. */
export class Rehearser {
  readonly #machine: LocalMachine;
  readonly #tasks: Readonly<Record<string, string>>;

  constructor(environment: Environment) {
    const definition = runnableDefinition(
      pipeline({
        sourceBucket: BUCKET,
        reportsBucket: BUCKET,
        mapMode: environment.mapMode,
        maxConcurrency: environment.maxConcurrency,
        functionTimeoutSeconds: environment.functionTimeoutSeconds,
        executionTimeoutSeconds: environment.executionTimeoutMinutes * 60,
        functionArns: byFunction((name) => `${ARN_PREFIX}${name}`),
      }),
    );
    this.#machine = new LocalMachine({
      name: 'rehearsal',
      arn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:rehearsal',
      roleArn: 'arn:aws:iam::111122223333:role/rehearsal',
      definition,
    });
    this.#tasks = Object.fromEntries(
      [...tasksOf(definition)]
        .filter(([, { task }]) => task.Resource.startsWith(ARN_PREFIX))
        .map(([state, { task }]) => [state, task.Resource.slice(ARN_PREFIX.length)]),
    );
  }

  async rehearse(file: FictionalFile): Promise<Rehearsal> {
    let invocations = 0;
    const result = await this.#machine.execute({
      name: EXECUTION,
      input: { bucket: BUCKET, key: KEY },
      invoke: async (arn, event) => {
        invocations += 1;
        return JSON.stringify(fictionalResult(arn.slice(ARN_PREFIX.length), event, file));
      },
    });
    if (result.status === 'FAILED') throw new Error(`${result.error}: ${result.cause}`);
    return {
      largestPayload: Math.max(
        ...result.states.flatMap(({ inputBytes, outputBytes }) => [inputBytes, outputBytes]),
      ),
      history: historyOf(result.states, file.chunks.length),
      tasks: this.#tasks,
      visits: Object.fromEntries(result.states.map(({ name, attempts }) => [name, attempts])),
      invocations,
    };
  }
}

function fictionalResult(
  name: string,
  event: string,
  { size, chunks, loops, ranges }: FictionalFile,
):
  | PlannedUpload
  | (ValidatedChunk & MaybeSuperseded)
  | Verdict
  | (ComparedRange & MaybeSuperseded)
  | BeginResult
  | (LoadedChunk & MaybeSuperseded)
  | PipelineResult
  | null {
  // The most rows of the file and of a chunk: a row has at least two bytes.
  const [rows, chunkRows] = [Math.ceil(size / 2), Math.ceil(size / chunks.length / 2)];
  switch (name) {
    case 'fetch-csv': {
      const format = {
        dataset: 'x'.repeat(32),
        compression: 'none',
        encoding: 'windows-1252',
        size,
        delimiter: ',',
        width: 999,
        isPadded: false,
        columns: Array.from({ length: 20 }, () => 999),
        headerEnd: 9_999,
        headerLines: 9_999,
        ignored: Array.from({ length: 20 }, () => 'x'.repeat(64)),
        warnings: [],
      } as const;
      return {
        outcome: 'plan' as const,
        source: {
          bucket: BUCKET,
          key: KEY,
          etag: `${'f'.repeat(32)}-10000`,
          versionId: VERSION,
          size,
          uploaded: new Date(0).toISOString(),
        },
        format,
        feed: ranges === 0 ? null : FEED,
        plan: { mode: 'probe', done: true },
        chunks,
      };
    }
    case 'validate-csv': {
      const { chunk }: ValidateEvent = JSON.parse(event);
      const counts = {
        lines: chunkRows,
        read: chunkRows,
        blank: chunkRows,
        rejected: chunkRows,
        rejectParts: 999,
        keyRuns: 999,
        repeated: chunkRows,
      };
      return { ...chunk, ...counts, text: 'invalid' as const, at: chunk.end, superseded: false };
    }
    case 'judge-csv':
    case 'find-duplicates':
      return {
        outcome: name === 'judge-csv' && chunks.length > 1 ? 'find-duplicates' : 'load',
        writesPerSecond: 1_234.567_890_123,
        read: rows,
        blank: rows,
        footer: 1_001,
        dataEnd: size,
        rejected: rows,
        repeated: [rows],
        duplicates: rows,
        bucket: 999,
        compared: Array.from({ length: ranges }, () => COMPARED),
        accepted: true,
        judged: new Date(0).toISOString(),
        report: {
          done: true,
          chunk: chunks.length,
          part: 999,
          within: null,
          list: 'duplicates',
          lines: rows,
          listed: rows,
          files: { rejected: 999, duplicates: 999 },
          first: Array.from({ length: 5 }, () => ({
            line: rows,
            column: 'x'.repeat(64),
            code: 'number_out_of_range',
            reason: 'x'.repeat(500),
          })),
        },
      };
    case 'compare-index':
      return { ...COMPARED, superseded: false };
    case 'begin-load':
      return {
        ready: true,
        load: `1-${'x'.repeat(80)}`,
        removal: { done: true, expected: 0, removed: 0, list: 0, key: 0, forgets: false },
        changes: null,
      };
    case 'load-to-dynamodb': {
      const { chunk }: LoadEvent = JSON.parse(event);
      const counts = {
        read: chunkRows,
        rejected: chunkRows,
        loaded: chunkRows,
        existing: chunkRows,
        duplicates: chunkRows,
      };
      const { start, end, at = start } = chunk;
      return { ...chunk, ...counts, at: at - start < loops ? at + 1 : end, superseded: false };
    }
    case 'reconcile-load':
      return {
        outcome: 'loaded',
        source_bucket: BUCKET,
        source_key: KEY,
        dataset: 'x'.repeat(32),
        encoding: 'windows-1252',
        delimiter: ',',
        read: rows,
        loaded: rows,
        rejected: rows,
        duplicates: rows,
        blank: rows,
        footer: 1_001,
        report: KEY,
        rejected_rows: KEY,
        duplicate_rows: KEY,
        first_rejected: [],
        ignored_columns: [],
        warnings: [],
      };
    default:
      return null;
  }
}
