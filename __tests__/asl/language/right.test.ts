/** Valid machines: they compile, the interpreter runs them, and their output has the type that they promise. */

import validate from 'asl-validator';
import { StateMachine as Interpreter } from 'aws-local-stepfunctions';
import type { Same } from '../../../asl/language/data.ts';
import { type OutputOf, type StateMachine, stateMachine } from '../../../asl/language/index.ts';
import { count, either, load, type Order, task } from './functions.ts';

type Handlers = NonNullable<
  NonNullable<Parameters<Interpreter['run']>[1]>['overrides']
>['taskResourceLocalHandlers'];

const order: Order = { id: 'x', amount: 3 };
const invoke = { ...task, Resource: load, Parameters: { 'order.$': '$.order' } } as const;

const machines = new Set<StateMachine>();

// As branches of one state, because the validator compiles its schemas anew each time.
afterAll(() => {
  const all = { Type: 'Parallel', Branches: [...machines], End: true };
  const machine = structuredClone(Object({ StartAt: 'All', States: { All: all } }));
  // The machines use the same names for their states.
  const errors = validate(machine, { checkArn: false }).errors.filter(
    (error) => error['Error code'] !== 'DUPLICATE_STATE_NAMES',
  );
  expect(errors).toEqual([]);
});

async function run(machine: StateMachine, input: unknown, handlers: Handlers = {}): Promise<unknown> {
  machines.add(machine);
  // They are validated together, when all have run.
  const validationOptions = { noValidate: true };
  const execution = new Interpreter(JSON.parse(JSON.stringify(machine)), { validationOptions }).run(
    JSON.parse(JSON.stringify(input)),
    {
      overrides: {
        taskResourceLocalHandlers: handlers,
        waitTimeOverrides: { W: 1 },
        retryIntervalOverrides: { T: 1 },
      },
    },
  );
  return await execution.result;
}

/** Compiles only if the type of a machine's output is exactly `Output`. */
function outputs<Output>() {
  return <M extends StateMachine, Input>(
    _machine: M,
    _input: Input,
    ..._same: Same<Output, OutputOf<M, Input>> extends true ? [] : [OutputOf<M, Input>]
  ) => undefined;
}

test('a task that passes on a part of its result', async () => {
  const machine = stateMachine<{ order: Order }>()({
    StartAt: 'T',
    States: { T: { ...invoke, ResultSelector: { 'n.$': '$.rows' }, OutputPath: '$.n', End: true } },
  });
  outputs<number>()(machine, { order });
  expect(await run(machine, { order }, { T: () => ({ kind: 'ok', rows: 7 }) })).toBe(7);
});

test('a result beside the input, and a Choice that covers it without a Default', async () => {
  const machine = stateMachine<{ order: Order }>()({
    StartAt: 'T',
    States: {
      T: { ...invoke, ResultPath: '$.loaded', Next: 'C' },
      C: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.loaded.kind', StringEquals: 'ok', Next: 'Ok' },
          { Variable: '$.loaded.kind', StringEquals: 'late', Next: 'Late' },
        ],
      },
      Ok: { Type: 'Pass', Parameters: { 'id.$': '$.order.id' }, End: true },
      Late: { Type: 'Pass', Parameters: { 'rows.$': '$.loaded.rows' }, End: true },
    },
  });
  outputs<{ readonly id: string } | { readonly rows: number }>()(machine, { order });
  expect(await run(machine, { order }, { T: () => ({ kind: 'late', rows: 2 }) })).toEqual({ rows: 2 });
});

test('a field that a test has found to be present', async () => {
  const machine = stateMachine<{ readonly note?: string; readonly other: number | string | null }>()({
    StartAt: 'C',
    States: {
      C: {
        Type: 'Choice',
        Choices: [
          {
            And: [{ Variable: '$.note', IsPresent: true }, { Not: { Variable: '$.note', StringEquals: '' } }],
            Next: 'Note',
          },
          { Variable: '$.other', IsNull: true, Next: 'Nothing' },
          { Variable: '$.other', IsNumeric: true, Next: 'Number' },
        ],
        Default: 'Text',
      },
      Note: { Type: 'Succeed', OutputPath: '$.note' },
      Nothing: { Type: 'Pass', Result: 'nothing', End: true },
      Number: {
        Type: 'Pass',
        Parameters: { 'sum.$': 'States.MathAdd($.other, 1)' },
        OutputPath: '$.sum',
        End: true,
      },
      Text: {
        Type: 'Pass',
        Parameters: { 'words.$': "States.StringSplit($.other, ' ')" },
        OutputPath: '$.words',
        End: true,
      },
    },
  });
  const nothing: { readonly note?: string; readonly other: number | string | null } = { other: null };
  outputs<string | number | readonly string[]>()(machine, nothing);
  expect(await run(machine, nothing)).toBe('nothing');
  expect(await run(machine, { note: 'n', other: 1 })).toBe('n');
  expect(await run(machine, { other: 2 })).toBe(3);
  expect(await run(machine, { other: 'a b' })).toEqual(['a', 'b']);
});

test('a loop, an error beside the input, and a wait', async () => {
  const machine = stateMachine<{ order: Order }>()({
    StartAt: 'T',
    States: {
      T: {
        ...invoke,
        Retry: [
          { ErrorEquals: ['LateError'], MaxAttempts: 1 },
          { ErrorEquals: ['States.ALL'], MaxAttempts: 0 },
        ],
        Catch: [{ ErrorEquals: ['BrokenError', 'LateError'], ResultPath: '$.error', Next: 'Broken' }],
        ResultPath: '$.loaded',
        Next: 'C',
      },
      C: {
        Type: 'Choice',
        Choices: [{ Variable: '$.loaded.kind', StringEquals: 'late', Next: 'W' }],
        Default: 'Done',
      },
      W: { Type: 'Wait', Seconds: 1, Next: 'T' },
      Done: { Type: 'Succeed', OutputPath: '$.loaded.rows' },
      Broken: { Type: 'Pass', Parameters: { 'error.$': '$.error.Error', 'id.$': '$.order.id' }, End: true },
    },
  });
  outputs<number | { readonly error: 'BrokenError' | 'LateError'; readonly id: string }>()(machine, {
    order,
  });
  const kinds = ['late', 'late', 'ok'];
  expect(await run(machine, { order }, { T: () => ({ kind: kinds.shift() ?? '', rows: 4 }) })).toBe(4);
  const broken = () => {
    throw Object.assign(new Error('x'), { name: 'BrokenError' });
  };
  expect(await run(machine, { order }, { T: broken })).toEqual({ error: 'BrokenError', id: 'x' });
});

test('a Map in a Map', async () => {
  const machine = stateMachine<{ lists: string[][]; prefix: string }>()({
    StartAt: 'Outer',
    States: {
      Outer: {
        Type: 'Map',
        ItemsPath: '$.lists',
        ItemSelector: { 'list.$': '$$.Map.Item.Value', 'prefix.$': '$.prefix' },
        ItemProcessor: {
          StartAt: 'Inner',
          States: {
            Inner: {
              Type: 'Map',
              ItemsPath: '$.list',
              ItemSelector: { 'word.$': '$$.Map.Item.Value', 'prefix.$': '$.prefix' },
              ItemProcessor: {
                StartAt: 'Join',
                States: {
                  Join: {
                    Type: 'Pass',
                    Parameters: { 'text.$': "States.Format('{}-{}', $.prefix, $.word)" },
                    OutputPath: '$.text',
                    End: true,
                  },
                },
              },
              End: true,
            },
          },
        },
        ResultPath: '$.joined',
        Next: 'Count',
      },
      Count: {
        Type: 'Pass',
        Parameters: { 'of.$': '$.joined', 'n.$': 'States.ArrayLength($.joined)' },
        End: true,
      },
    },
  });
  const input: { lists: string[][]; prefix: string } = { lists: [['a', 'b'], ['c']], prefix: 'x' };
  outputs<{ readonly of: readonly (readonly string[])[]; readonly n: number }>()(machine, input);
  expect(await run(machine, input)).toEqual({ of: [['x-a', 'x-b'], ['x-c']], n: 2 });
});

test('a Map whose iterations end in two ways, and one whose items are its input', async () => {
  const machine = stateMachine<{ amount: number; id: string }[]>()({
    StartAt: 'M',
    States: {
      M: {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'C',
          States: {
            C: {
              Type: 'Choice',
              Choices: [{ Variable: '$.amount', NumericLessThan: 2, Next: 'Id' }],
              Default: 'T',
            },
            Id: { Type: 'Succeed', OutputPath: '$.id' },
            T: {
              ...task,
              Resource: load,
              Parameters: { 'order.$': '$' },
              OutputPath: '$.rows',
              End: true,
            },
          },
        },
        Catch: [{ ErrorEquals: ['BrokenError'], Next: 'Broken' }],
        End: true,
      },
      Broken: { Type: 'Fail', ErrorPath: '$.Error', CausePath: '$.Cause' },
    },
  });
  const input: { amount: number; id: string }[] = [
    { amount: 1, id: 'one' },
    { amount: 5, id: 'five' },
  ];
  outputs<readonly (string | number)[]>()(machine, input);
  expect(await run(machine, input, { T: () => ({ kind: 'ok', rows: 9 }) })).toEqual(['one', 9]);
});

test('a Parallel whose outputs are known by their index', async () => {
  const machine = stateMachine<{ order: Order; words: string[] }>()({
    StartAt: 'P',
    States: {
      P: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'T', States: { T: { ...invoke, End: true } } },
          {
            StartAt: 'N',
            States: {
              N: {
                ...task,
                Resource: count,
                Parameters: { 'of.$': '$.words' },
                End: true,
              },
            },
          },
        ],
        ResultSelector: { 'kind.$': '$[0].kind', 'n.$': '$[1]' },
        ResultPath: '$.both',
        Next: 'E',
      },
      E: {
        ...task,
        Resource: either,
        Parameters: { 'b.$': '$.both.n' },
        OutputPath: '$.fromB',
        End: true,
      },
    },
  });
  const input: { order: Order; words: string[] } = { order, words: ['a'] };
  outputs<number>()(machine, input);
  const handlers = {
    T: () => ({ kind: 'ok', rows: 1 }),
    N: () => 1,
    E: () => ({ fromB: 5 }),
  };
  expect(await run(machine, input, handlers)).toBe(5);
});

test('an InputPath and a ResultPath of null', async () => {
  const machine = stateMachine<{ order: Order }>()({
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', InputPath: null, Parameters: { n: 1 }, ResultPath: '$.order.n', Next: 'T' },
      T: { ...invoke, ResultPath: null, Next: 'B' },
      B: { Type: 'Succeed', OutputPath: '$.order.n' },
    },
  });
  outputs<{ readonly n: 1 }>()(machine, { order });
  expect(await run(machine, { order }, { T: () => ({ kind: 'ok', rows: 1 }) })).toEqual({ n: 1 });
});

test('nested intrinsic functions', async () => {
  const simple: { id: string; amount: number } = { id: 'x', amount: 3 };
  const machine = stateMachine<{ order: { id: string; amount: number } }>()({
    StartAt: 'A',
    States: {
      A: {
        Type: 'Pass',
        Parameters: {
          'pair.$': "States.Array($.order.id, States.MathAdd($.order.amount, -1), 'it is')",
          'json.$': 'States.JsonToString($.order)',
          'merged.$': 'States.JsonMerge($.order, $.order, false)',
          'hash.$': "States.Hash($.order.id, 'MD5')",
          'parts.$': "States.ArrayPartition(States.StringSplit('a,b', ','), 1)",
        },
        Next: 'B',
      },
      B: {
        Type: 'Pass',
        Parameters: { 'first.$': 'States.ArrayGetItem($.pair, 1)', 'id.$': '$.merged.id' },
        End: true,
      },
    },
  });
  outputs<{ readonly first: number; readonly id: string }>()(machine, { order: simple });
  expect(await run(machine, { order: simple })).toEqual({ first: 2, id: 'x' });
});
