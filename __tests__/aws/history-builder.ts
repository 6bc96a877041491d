/**
 * Builds histories like those that GetExecutionHistory returns. Types, details and previous events are as on AWS: the first
 * state's previous event is 0, and that of a Map's end is the last event of an iteration.
 */

export interface Event {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  /** Seconds since 1970, as in the protocol. */
  readonly timestamp: number;
  readonly [details: string]: unknown;
}

export const BEGIN = Date.UTC(2026, 0, 2, 3, 4, 5) / 1_000;

export class History {
  readonly events: Event[] = [];

  /**
   * @param after seconds since the execution started
   * @returns the event's id
   */
  add(previousEventId: number, type: string, after: number, details: object = {}): number {
    const id = this.events.length + 1;
    this.events.push({ id, previousEventId, type, timestamp: BEGIN + after, ...details });
    return id;
  }

  enter(previous: number, type: string, after: number, name: string, input: unknown): number {
    return this.add(previous, `${type}StateEntered`, after, {
      stateEnteredEventDetails: { name, input: JSON.stringify(input), inputDetails: { truncated: false } },
    });
  }

  exit(previous: number, type: string, after: number, name: string, output: unknown): number {
    return this.add(previous, `${type}StateExited`, after, {
      stateExitedEventDetails: { name, output: JSON.stringify(output), outputDetails: { truncated: false } },
    });
  }

  /** A successful attempt of one second. */
  succeed(previous: number, after: number, payload: unknown): number {
    return this.add(this.#start(previous, after), 'LambdaFunctionSucceeded', after + 1, {
      lambdaFunctionSucceededEventDetails: { output: JSON.stringify(payload) },
    });
  }

  /** A failed attempt of one second. */
  fail(previous: number, after: number, error: string, message: string): number {
    const cause = JSON.stringify({
      errorType: error,
      errorMessage: message,
      trace: [`${error}: ${message}`, '    at here'],
    });
    return this.add(this.#start(previous, after), 'LambdaFunctionFailed', after + 1, {
      lambdaFunctionFailedEventDetails: { error, cause },
    });
  }

  #start(previous: number, after: number): number {
    const scheduled = this.add(previous, 'LambdaFunctionScheduled', after, {
      lambdaFunctionScheduledEventDetails: {
        resource: 'arn:aws:lambda:eu-central-1:111122223333:function:f',
        input: '{}',
      },
    });
    return this.add(scheduled, 'LambdaFunctionStarted', after, {});
  }
}

const SOURCE = { bucket: 'source', key: 'big.csv', etag: 'e', versionId: 'v1', size: 2_000 };

export const FETCHED = {
  outcome: 'plan',
  source: SOURCE,
  format: {
    dataset: 'results',
    compression: 'none',
    encoding: 'utf-8',
    size: 2_000,
    delimiter: ',',
    width: 4,
    columns: [0, 1, 2, 3],
    headerEnd: 20,
    headerLines: 1,
    ignored: [],
  },
  plan: { mode: 'probe', done: true },
  chunks: [
    { start: 20, end: 1_000 },
    { start: 1_000, end: 2_000 },
  ],
};

/** The result for a loaded chunk. */
export function loaded(chunk: number) {
  const [start, end] = chunk === 0 ? [20, 1_000] : [1_000, 2_000];
  return { start, end, at: end, read: 100, rejected: 10, loaded: 90, duplicates: 0, superseded: false };
}

const DEFINITION = (mode: 'INLINE' | 'DISTRIBUTED') => ({
  StartAt: 'FetchCsv',
  States: {
    FetchCsv: { Type: 'Task', Next: 'LoadToDynamoDB' },
    LoadToDynamoDB: {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: mode },
        StartAt: 'LoadChunk',
        States: { LoadChunk: { Type: 'Task', Next: 'ChunkLoaded' }, ChunkLoaded: { Type: 'Succeed' } },
      },
      Catch: [{ ErrorEquals: ['SourceChangedError'], Next: 'LoadFailed' }],
      Next: 'Loaded',
    },
    Loaded: { Type: 'Succeed' },
    LoadFailed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
  },
});

const PREFIX = 'arn:aws:states:eu-central-1:123456789012';
export const ARN = `${PREFIX}:execution:csv-pipeline-dev:run-1`;
export const MAP_RUN = `${PREFIX}:mapRun:csv-pipeline-dev/LoadToDynamoDB:run-2`;
export const CHILDREN = ['a', 'b'].map(
  (name) => `${PREFIX}:execution:csv-pipeline-dev/LoadToDynamoDB:${name}`,
);

/** What AWS returns about an execution. */
export interface Recorded {
  readonly definition: object;
  readonly description: Readonly<Record<string, unknown>>;
  readonly histories: Readonly<Record<string, readonly Event[]>>;
  readonly children: readonly Readonly<Record<string, unknown>>[];
}

function begun(): { history: History; last: number } {
  const history = new History();
  history.add(0, 'ExecutionStarted', 0, { executionStartedEventDetails: { input: '{}', roleArn: 'role' } });
  const entered = history.enter(0, 'Task', 0, 'FetchCsv', { key: 'big.csv' });
  const failed = history.fail(entered, 0, 'ServiceUnavailableError', 'S3 did not answer');
  const succeeded = history.succeed(failed, 3, FETCHED);
  return { history, last: history.exit(succeeded, 'Task', 4, 'FetchCsv', FETCHED) };
}

const description = (status: string, after: number | undefined, more: object) => ({
  executionArn: ARN,
  stateMachineArn: `${PREFIX}:stateMachine:csv-pipeline-dev`,
  name: 'run-1',
  status,
  startDate: BEGIN,
  ...(after !== undefined && { stopDate: BEGIN + after }),
  input: '{"key":"big.csv"}',
  ...more,
});

/** An execution with an INLINE Map. Its second iteration fails, and so does the execution. */
export function inlineFailure(): Recorded {
  const { history, last } = begun();
  const map = history.enter(last, 'Map', 4, 'LoadToDynamoDB', FETCHED);
  const started = history.add(map, 'MapStateStarted', 4, { mapStateStartedEventDetails: { length: 2 } });
  const of = (index: number) => ({ name: 'LoadToDynamoDB', index });
  const iterations = [0, 1].map((index) =>
    history.add(started, 'MapIterationStarted', 4, { mapIterationStartedEventDetails: of(index) }),
  );
  const chunks = iterations.map((previous, index) =>
    history.enter(previous, 'Task', 4, 'LoadChunk', { index }),
  );
  const first = history.succeed(chunks[0] ?? 0, 5, loaded(0));
  const exited = history.exit(first, 'Task', 6, 'LoadChunk', {});
  const chunk = history.enter(exited, 'Succeed', 6, 'ChunkLoaded', {});
  const done = history.exit(chunk, 'Succeed', 6, 'ChunkLoaded', {});
  history.add(done, 'MapIterationSucceeded', 6, { mapIterationSucceededEventDetails: of(0) });
  const second = history.fail(chunks[1] ?? 0, 7, 'SourceChangedError', 'it was overwritten');
  history.add(second, 'MapIterationFailed', 8, { mapIterationFailedEventDetails: of(1) });
  const failed = history.add(second, 'MapStateFailed', 8);
  const left = history.exit(failed, 'Map', 8, 'LoadToDynamoDB', {});
  const end = history.enter(left, 'Fail', 8, 'LoadFailed', {});
  const error = { error: 'SourceChangedError', cause: 'it was overwritten' };
  history.add(end, 'ExecutionFailed', 8, { executionFailedEventDetails: error });
  return {
    definition: DEFINITION('INLINE'),
    description: description('FAILED', 8, error),
    histories: { [ARN]: history.events },
    children: [],
  };
}

/** An execution with a DISTRIBUTED Map, some seconds after its start. It ends after 12 seconds. */
export function distributed(seconds: number): Recorded {
  const { history, last } = begun();
  const map = history.enter(last, 'Map', 4, 'LoadToDynamoDB', FETCHED);
  const started = history.add(map, 'MapStateStarted', 4, { mapStateStartedEventDetails: { length: 2 } });
  const run = history.add(started, 'MapRunStarted', 4, { mapRunStartedEventDetails: { mapRunArn: MAP_RUN } });
  const succeeded = history.add(run, 'MapRunSucceeded', 11);
  const over = history.add(succeeded, 'MapStateSucceeded', 11);
  const exited = history.exit(over, 'Map', 11, 'LoadToDynamoDB', {});
  const end = history.enter(exited, 'Succeed', 11, 'Loaded', { loaded: 180 });
  const ended = history.exit(end, 'Succeed', 11, 'Loaded', { loaded: 180 });
  history.add(ended, 'ExecutionSucceeded', 12, {
    executionSucceededEventDetails: { output: '{"loaded":180}' },
  });
  const children = CHILDREN.map((executionArn, index) => {
    const child = new History();
    const begin = 5 + index;
    child.add(0, 'ExecutionStarted', begin, { executionStartedEventDetails: { input: '{}' } });
    const entered = child.enter(0, 'Task', begin, 'LoadChunk', { index });
    const done = child.succeed(entered, begin + 1, loaded(index));
    const left = child.exit(done, 'Task', begin + 2, 'LoadChunk', {});
    const last = child.enter(left, 'Succeed', begin + 2, 'ChunkLoaded', {});
    const out = child.exit(last, 'Succeed', begin + 2, 'ChunkLoaded', {});
    child.add(out, 'ExecutionSucceeded', begin + 3, { executionSucceededEventDetails: { output: '{}' } });
    const isOver = begin + 3 <= seconds;
    return {
      events: child.events,
      item: {
        executionArn,
        name: executionArn.split(':').at(-1),
        status: isOver ? 'SUCCEEDED' : 'RUNNING',
        startDate: BEGIN + begin,
        ...(isOver && { stopDate: BEGIN + begin + 3 }),
      },
      begin,
    };
  });
  const until = (events: readonly Event[]) => events.filter(({ timestamp }) => timestamp <= BEGIN + seconds);
  const isOver = seconds >= 12;
  return {
    definition: DEFINITION('DISTRIBUTED'),
    description: description(isOver ? 'SUCCEEDED' : 'RUNNING', isOver ? 12 : undefined, {
      ...(isOver && { output: '{"loaded":180}' }),
    }),
    histories: {
      [ARN]: until(history.events),
      ...Object.fromEntries(children.map(({ events, item }) => [item.executionArn, until(events)])),
    },
    // Newest first, as AWS lists them.
    children: children
      .filter(({ begin }) => begin <= seconds)
      .map(({ item }) => item)
      .reverse(),
  };
}
