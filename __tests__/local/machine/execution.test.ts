/** The interpreter together with functions in their own processes. */

import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { LambdaPool } from '../../../local/emulator/lambda-pool.ts';
import { LocalMachine } from '../../../local/machine/execution.ts';
import { readSynthesized } from '../../../local/stack/synthesized.ts';
import { Workspace } from '../../../local/workspace.ts';
import { inFull } from '../../support/full-run.ts';
import { type Fixture, invoke, stackJson, writeStack } from '../fixture.ts';

// A busy machine starts processes slowly.
type Input = Parameters<LocalMachine['execute']>[0]['input'];

/** Runs something in a workspace and closes it afterwards. */
async function inWorkspace<T>(run: (workspace: Workspace) => Promise<T>): Promise<T> {
  const workspace = new Workspace();
  try {
    return await run(workspace);
  } finally {
    await workspace.close();
  }
}

/** Runs an execution of a fixture. */
function execute(fixture: Fixture, input: Input = {}) {
  return inWorkspace((workspace) => executeIn(workspace, fixture, input));
}

/** Runs an execution of a fixture. Its processes live until the workspace is closed. */
async function executeIn(workspace: Workspace, fixture: Fixture, input: Input) {
  const folder = writeStack(`${workspace.directory}/stack`, stackJson(fixture), fixture.functions);
  const { functions, machine, account } = await readSynthesized(folder);
  const pool = await LambdaPool.create({
    workspace,
    functions,
    region: account.region,
    directory: `${workspace.directory}/functions`,
    variables: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
  });
  const log: string[] = [];
  pool.onLogLine((line) => log.push(line));
  const result = await new LocalMachine(machine).execute({
    name: 'run-1',
    input,
    invoke: (name, event, signal) => pool.invoke(name, event, signal),
  });
  return { result, log, states: Object.fromEntries(result.states.map((state) => [state.name, state])) };
}

const handler = (body: string) => `exports.handler = async (event, context) => { ${body} };`;
const oneTask = (source: string, changes: object = {}): Fixture => ({
  functions: { task: source },
  definition: { StartAt: 'Do', States: { Do: invoke('task', changes) } },
});
const retry = (...ErrorEquals: string[]) => ({
  Retry: [{ ErrorEquals, IntervalSeconds: 1, MaxAttempts: 2, JitterStrategy: 'FULL' }],
});

const eachItem = (inner: object, changes: object = {}) => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      MaxConcurrency: 2,
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Do', States: { Do: inner } },
      End: true,
      ...changes,
    },
    ...('Catch' in changes && { Caught: { Type: 'Pass', End: true } }),
  },
});
const DISTRIBUTED = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };

/** What takes seconds of the processor. */
const HEAVY = inFull<[string, string, string, string][]>(
  [
    [
      'uses too much of the heap',
      'const kept = []; for (;;) kept.push(new Array(1e5).fill(kept));',
      'Runtime.ExitError',
      'signal: aborted',
    ],
  ],
  [],
);

describe('a function', () => {
  test.concurrent('gets its event, its context, and only the environment variables that it has on AWS', async () => {
    const source = handler(
      'return { event, context: { ...context }, left: context.getRemainingTimeInMillis(), env: process.env };',
    );
    const { result } = await execute(oneTask(source), { a: 1 });
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        event: { a: 1 },
        context: {
          functionName: 'stack-task',
          functionVersion: '1',
          memoryLimitInMB: '128',
          invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:stack-task:1',
          awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
        left: expect.any(Number),
        env: {
          BUCKET: 'source',
          AWS_REGION: 'eu-central-1',
          AWS_LAMBDA_FUNCTION_NAME: 'stack-task',
          AWS_LAMBDA_FUNCTION_VERSION: '1',
          AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
          TZ: ':UTC',
        },
      },
    });
    expect(result).not.toHaveProperty('output.env.PATH');
    expect(result).not.toHaveProperty('output.env.HOME');
  });

  test.concurrent('reuses a warm environment, and starts a second one for concurrent invocations', async () => {
    const source = `let calls = 0; ${handler('await new Promise((done) => setTimeout(done, 200)); return { pid: process.pid, calls: ++calls };')}`;
    const once = invoke('task', { OutputPath: '$', ResultPath: null, End: undefined, Next: 'Each' });
    const each = eachItem(invoke('task'));
    const definition = { StartAt: 'Once', States: { Once: once, ...each.States } };
    const { result } = await execute({ functions: { task: source }, definition }, [1, 2, 3]);
    expect(result).toMatchObject({ status: 'SUCCEEDED' });
    const calls = z
      .array(z.object({ pid: z.number(), calls: z.number() }))
      .parse(result.status === 'SUCCEEDED' && result.output);
    // The first two run at the same time, one of them in the environment of the task before the Map.
    expect(new Set(calls.slice(0, 2).map(({ pid }) => pid)).size).toBe(2);
    expect(
      calls
        .map((call) => call.calls)
        .slice(0, 2)
        .toSorted(),
    ).toEqual([1, 2]);
    expect(new Set(calls.map(({ pid }) => pid)).size).toBe(2);
  });

  test.concurrent.each([
    ['throws', 'throw Object.assign(new Error("gone"), { name: "GoneError" });', 'GoneError', 'gone'],
    ['throws a value that is not an Error', 'throw "gone";', 'string', 'gone'],
    ['exits', 'process.exit(3);', 'Runtime.ExitError', 'Runtime exited with error: exit status 3'],
    [
      'takes too long',
      'await new Promise(() => setTimeout(() => {}, 60000));',
      'Sandbox.Timedout',
      'Error: Task timed out after 1.00 seconds',
    ],
    ['blocks for too long', 'for (;;);', 'Sandbox.Timedout', 'Task timed out after 1.00 seconds'],
    [
      'uses too much memory outside the heap',
      'globalThis.kept = Buffer.alloc(2e8, 1); await new Promise((done) => setTimeout(done, 900));',
      'Runtime.ExitError',
      'Runtime exited with error: signal: killed',
    ],
    ...HEAVY,
    [
      'leaves a rejection unhandled',
      'Promise.reject(new Error("lost")); await new Promise((done) => setTimeout(done, 500));',
      'Runtime.UnhandledPromiseRejection',
      'lost',
    ],
    ['returns a value that is not JSON', 'return 1n;', 'Runtime.MarshalError', 'Unable to stringify'],
    [
      'returns more than 6 MB',
      'return "x".repeat(6291556);',
      'Function.ResponseSizeTooLarge',
      '6291556 bytes',
    ],
  ])('that %s fails its task with the error that Lambda reports', async (_what, body, error, message) => {
    const timeoutSeconds = error === 'Sandbox.Timedout' ? 1 : 20;
    const { result } = await execute({ ...oneTask(handler(body)), timeoutSeconds });
    expect(result).toMatchObject({ status: 'FAILED', error });
    const cause = result.status === 'FAILED' ? JSON.parse(result.cause) : {};
    expect(cause).toMatchObject({ errorType: error, errorMessage: expect.stringContaining(message) });
  });

  test.concurrent.each([
    ['whose module throws', 'throw new TypeError("no");', 'TypeError'],
    ['without a handler', 'exports.other = 1;', 'Runtime.HandlerNotFound'],
  ])('%s fails its task', async (_what, source, error) => {
    expect((await execute(oneTask(source))).result).toMatchObject({ status: 'FAILED', error });
  });

  test.concurrent('that crashes leaves the last lines of its log', async () => {
    const { result } = await execute(oneTask(handler('console.log("before the end"); process.exit(1);')));
    expect(result.log).toEqual(['before the end']);
  });
});

describe('an execution', () => {
  test.concurrent('retries a named error and counts the attempts', async () => {
    const source = `let calls = 0; ${handler('if (++calls < 3) throw Object.assign(new Error("busy"), { name: "BusyError" }); return { calls };')}`;
    const { result, states } = await execute(oneTask(source, retry('BusyError')));
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { calls: 3 } });
    expect(states.Do).toMatchObject({ status: 'SUCCEEDED', attempts: 3 });
  });

  test.concurrent('does not retry another error', async () => {
    const { states } = await execute(oneTask(handler('throw new Error("no");'), retry('BusyError')));
    expect(states.Do).toMatchObject({ status: 'FAILED', attempts: 1, error: 'Error' });
  });

  test.concurrent.each([
    ['a result', undefined, handler('return "x".repeat(262144);')],
    ['an effective input', { 'a.$': '$', 'b.$': '$' }, handler('return 1;')],
  ])(
    'fails for %s over 256 KiB, even if all errors are caught and retried',
    async (_what, Parameters, source) => {
      const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
      // The limit applies even if the state discards the result.
      const Do = invoke('task', {
        Parameters,
        Catch,
        OutputPath: '$',
        ResultPath: null,
        ...retry('States.ALL'),
      });
      const { result, states } = await execute(
        {
          functions: { task: source },
          definition: { StartAt: 'Do', States: { Do, Caught: { Type: 'Pass', End: true } } },
        },
        { text: 'x'.repeat(140_000) },
      );
      expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
      expect(states.Do).toMatchObject({ attempts: 1 });
    },
  );

  test.concurrent('fails when the results of a Map add up to over 256 KiB, and does not continue', async () => {
    const functions = {
      task: handler('return "x".repeat(100000);'),
      next: handler('await new Promise((done) => setTimeout(done, 500)); return 1;'),
    };
    const { States } = eachItem(invoke('task'), { End: undefined, Next: 'After' });
    const After = invoke('next', { Parameters: {} });
    const definition = { StartAt: 'Each', States: { ...States, After } };
    const { result, states } = await execute({ functions, definition }, [1, 2, 3]);
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(states.After?.status).not.toBe('SUCCEEDED');
  });

  test.concurrent('that takes longer than its TimeoutSeconds fails and kills its invocations', () =>
    inWorkspace(async (workspace) => {
      const fixture = oneTask(
        handler('console.log("pid", process.pid); await new Promise(() => setTimeout(() => {}, 60000));'),
      );
      // Long enough for a busy machine to start the process.
      const definition = { ...fixture.definition, TimeoutSeconds: 8 };
      const { result, log } = await executeIn(workspace, { ...fixture, definition }, {});
      expect(result).toMatchObject({
        status: 'FAILED',
        error: 'States.Timeout',
        states: [{ status: 'ABORTED' }],
      });
      await expectGone(Number(log.join().split(' ')[1]));
    }));

  test.concurrent('sums up the iterations of a Map', async () => {
    const functions = {
      task: handler('return { start: event, read: event, rejected: 1, text: "x".repeat(event) };'),
    };
    const { states } = await execute({ functions, definition: eachItem(invoke('task')) }, [1, 2, 3, 40]);
    expect(states.Each).toMatchObject({ status: 'SUCCEEDED', attempts: 1 });
    expect(states.Do).toMatchObject({
      status: 'SUCCEEDED',
      attempts: 4,
      iterations: 4,
      inputBytes: 2,
      outputBytes: JSON.stringify({ start: 40, read: 40, rejected: 1, text: 'x'.repeat(40) }).length,
      counts: { read: 46, rejected: 4 },
    });
  });
});

describe('a Map with a failing iteration', () => {
  const functions = {
    task: handler(
      'if (event === 1) throw Object.assign(new Error("no"), { name: "BadItemError" }); console.log("item", event); await new Promise((done) => setTimeout(done, 20000));',
    ),
  };
  const Catch = [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Caught' }];

  test.concurrent('starts no more iterations, and kills those that are running', () =>
    inWorkspace(async (workspace) => {
      const definition = eachItem(invoke('task'));
      const { result, log } = await executeIn(workspace, { functions, definition }, [7, 1, 2, 3, 4, 5, 6]);
      expect(result).toMatchObject({ status: 'FAILED', error: 'BadItemError' });
      const started = log.length;
      await setTimeout(300);
      expect(log.length).toBe(started);
      // The concurrent one, and one that started before the Map noticed the failure.
      expect(started).toBeLessThanOrEqual(2);
    }));

  test.concurrent.each([
    ['INLINE', { Mode: 'INLINE' }, 'BadItemError'],
    ['DISTRIBUTED', DISTRIBUTED, 'States.ExceedToleratedFailureThreshold'],
  ])('reports the failure under the name that it has on AWS: %s', async (_mode, ProcessorConfig, error) => {
    const definition = eachItem(invoke('task'), {
      ItemProcessor: { ProcessorConfig, StartAt: 'Do', States: { Do: invoke('task') } },
    });
    const { result, states } = await execute({ functions, definition }, [1]);
    expect(result).toMatchObject({ status: 'FAILED', error });
    expect(states.Do).toMatchObject({ status: 'FAILED', error: 'BadItemError' });
    expect(Object.keys(states)).toEqual(['Each', 'Do']);
  });

  test.concurrent("in DISTRIBUTED mode cannot be caught by the name of the child's own error", async () => {
    const definition = eachItem(invoke('task'), {
      Catch: [{ ErrorEquals: ['BadItemError'], ResultPath: null, Next: 'Caught' }],
      ItemProcessor: { ProcessorConfig: DISTRIBUTED, StartAt: 'Do', States: { Do: invoke('task') } },
    });
    expect((await execute({ functions, definition }, [1])).result).toMatchObject({ status: 'FAILED' });
  });

  test.concurrent('can be caught', async () => {
    const input = { items: [1] };
    const definition = eachItem(invoke('task'), { ItemsPath: '$.items', Catch });
    expect((await execute({ functions, definition }, input)).result).toMatchObject({
      status: 'SUCCEEDED',
      output: input,
    });
  });
});

test('closing a workspace removes its processes and files, and it starts no more processes', async () => {
  const workspace = new Workspace();
  const { result } = await executeIn(workspace, oneTask(handler('return process.pid;')), {});
  expect(readdirSync(workspace.directory)).not.toEqual([]);
  await workspace.close();
  expect(() => readdirSync(workspace.directory)).toThrow('ENOENT');
  await expectGone(result.status === 'SUCCEEDED' ? Number(result.output) : 0);
  expect(() => workspace.fork('local/emulator/lambda-process.ts', [], {})).toThrow('being closed');
});

async function expectGone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(0);
  for (let waited = 0; waited < 2_000; waited += 50) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await setTimeout(50);
  }
  throw new Error(`The process ${pid} is still running.`);
}
