/** Random machines, valid and invalid, with an input and functions whose types and values are known. */

import fc from 'fast-check';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type State = { [field: string]: Json };

/** The source code that declares the machines' input and the functions that they invoke. */
export const declarations = `
import { type Contract, type FunctionArn, stateMachine } from 'asl';
interface Input {
  a: string; n: number; flag: boolean; kind: 'x' | 'y'; nil: string | null; maybe?: number;
  o: { b: string; m: number; opt?: string };
  list: { id: string; size: number; extra?: boolean }[];
  words: string[];
  either: { t: 'p'; p: string } | { t: 'q'; q: number };
}
declare const f1: FunctionArn<Contract<(event: { s: string }) => Promise<{ r: string; k: 'u' | 'v' }>, 'E1' | 'E2'>>;
declare const f2: FunctionArn<Contract<(event: { n: number; s?: string }) => Promise<{ c: number; opt?: string }>, 'E2'>>;
declare const f3: FunctionArn<Contract<(event: { i: readonly string[] }) => Promise<string[]>, never>>;
declare const f4: FunctionArn<Contract<(event: { v: unknown }) => Promise<{ ok: true; c: number } | { ok: false; why: string }>, 'E1'>>;
`;

// For the interpreter there is nothing at the path $ of a value that is false, null, 0 or empty. Such values are left
// out where they may become a state's whole input.
const text = fc.constantFrom('x', 'u', 'some text');
const amount = fc.integer({ min: 1, max: 9 });
const optional = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((v) => (v === undefined ? {} : { [name]: v }));
const withOptional = (fields: fc.Arbitrary<object>, name: string, value: fc.Arbitrary<Json>) =>
  fc.tuple(fields, optional(name, value)).map(([f, o]) => ({ ...f, ...o }));

export const input = withOptional(
  fc.record({
    a: text,
    n: amount,
    flag: fc.boolean(),
    kind: fc.constantFrom('x', 'y'),
    nil: fc.option(text),
    o: withOptional(fc.record({ b: text, m: amount }), 'opt', text),
    list: fc.array(withOptional(fc.record({ id: text, size: amount }), 'extra', fc.boolean()), {
      maxLength: 2,
    }),
    words: fc.array(text, { maxLength: 2 }),
    either: fc.oneof(
      fc.record({ t: fc.constant('p'), p: text }),
      fc.record({ t: fc.constant('q'), q: amount }),
    ),
  }),
  'maybe',
  amount,
);

interface Behaviour {
  readonly result: fc.Arbitrary<object>;
  readonly errors: readonly string[];
  /** Whether the function accepts an event. */
  readonly takes: (event: Record<string, unknown>) => boolean;
}

export const functions: Readonly<Record<string, Behaviour>> = {
  f1: {
    result: fc.record({ r: text, k: fc.constantFrom('u', 'v') }),
    errors: ['E1', 'E2'],
    takes: ({ s }) => typeof s === 'string',
  },
  f2: {
    result: withOptional(fc.record({ c: amount }), 'opt', text),
    errors: ['E2'],
    takes: ({ n, s = '' }) => typeof n === 'number' && typeof s === 'string',
  },
  f3: {
    result: fc.array(text, { maxLength: 2 }),
    errors: [],
    takes: ({ i }) => Array.isArray(i) && i.every((element) => typeof element === 'string'),
  },
  f4: {
    result: fc.oneof(
      fc.record({ ok: fc.constant(true), c: amount }),
      fc.record({ ok: fc.constant(false), why: text }),
    ),
    errors: ['E1'],
    takes: (event) => 'v' in event,
  },
};

/** Paths by type: first those into the input, then function calls and paths that depend on an earlier state. */
const STRINGS = [
  ['$.a', '$.kind', '$.o.b'],
  ['$.r.r', '$.r.x', '$.p', '$.e.Error', '$$.Execution.StartTime', "States.Format('{} {}', $.a, $.n)"],
] as const;
const NUMBERS = [
  ['$.n', '$.o.m'],
  ['$.r.c', '$.r.x', '$.e.n'],
] as const;
const SUMS = [NUMBERS[0], [...NUMBERS[1], 'States.MathAdd($.n, 1)', 'States.ArrayLength($.words)']] as const;
const ARRAYS = [
  ['$.words'],
  ['$.list', '$.r', '$.r.x', 'States.Array($.a, $.o.b)', "States.StringSplit($.a, ' ')"],
] as const;
const OTHERS = [
  ...[
    '$',
    '$.o',
    '$.maybe',
    '$.nil',
    '$.either',
    '$.either.p',
    '$.either.q',
    '$.o.opt',
    '$.list[0]',
    '$.r',
    '$.q',
  ],
  ...['States.JsonMerge($.o, $.either, false)', '$.r.why', '$.flag', '$.r.ok', '$.e', '$.a.x'],
];
const anyPath = fc.constantFrom(
  ...STRINGS[0],
  ...STRINGS[1],
  ...SUMS[0],
  ...SUMS[1],
  ...ARRAYS[0],
  ...ARRAYS[1],
  ...OTHERS,
);
const path = ([sure, other]: readonly [readonly string[], readonly string[]]) =>
  fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...sure) },
    { weight: 3, arbitrary: fc.constantFrom(...other) },
    { weight: 1, arbitrary: anyPath },
  );

const resultPath = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<Json[]>('$.r', '$.r', '$.p') },
  { weight: 1, arbitrary: fc.constantFrom<Json[]>('$.o.b', '$.a.b', '$.new.deep', '$', null) },
);
/** An object with some of these fields. The chance of each field is given in tenths. */
const fields = (of: Record<string, readonly [number, fc.Arbitrary<Json>]>): fc.Arbitrary<State> =>
  fc
    .tuple(
      ...Object.entries(of).map(([name, [chance, value]]) =>
        fc.oneof(
          { weight: chance, arbitrary: value.map((v): State => ({ [name]: v })) },
          { weight: 10 - chance, arbitrary: fc.constant<State>({}) },
        ),
      ),
    )
    .map((parts) => Object.assign({}, ...parts));

const payload: Readonly<Record<string, fc.Arbitrary<State>>> = {
  f1: fields({ 's.$': [10, path(STRINGS)] }),
  f2: fields({ 'n.$': [10, path(SUMS)], 's.$': [3, path(STRINGS)] }),
  f3: fields({ 'i.$': [10, path(ARRAYS)] }),
  f4: fields({ 'v.$': [10, anyPath] }),
};

const task = (later: fc.Arbitrary<string>): fc.Arbitrary<State> =>
  fc.constantFrom('f1', 'f2', 'f3', 'f4').chain((name) =>
    fc
      .record({
        event: payload[name] ?? fc.constant({}),
        more: fields({
          ResultPath: [9, resultPath],
          ResultSelector: [2, fc.constantFrom('$', '$', '$.r', '$.c').map((x) => ({ 'x.$': x }))],
          Catch: [
            3,
            fc
              .record({
                ErrorEquals: fc.subarray([...(functions[name]?.errors ?? []), 'States.Timeout'], {
                  minLength: 1,
                }),
                ResultPath: fc.constantFrom('$.e', '$.e', '$.e', '$.a', '$'),
                Next: later,
              })
              .map((catcher) => [catcher]),
          ],
        }),
      })
      .map(({ event, more }) => ({
        Type: 'Task',
        Resource: `@${name}`,
        TimeoutSeconds: 60,
        Parameters: event,
        ...more,
      })),
  );

const pass: fc.Arbitrary<State> = fields({
  Parameters: [
    5,
    fields({
      'p.$': [5, anyPath],
      'a.$': [5, path(STRINGS)],
      'n.$': [5, path(SUMS)],
      w: [3, text],
      'o.$': [5, fc.constant('$.o')],
    }),
  ],
  ResultPath: [9, resultPath],
  InputPath: [1, fc.constantFrom('$', '$.o', '$.either')],
  OutputPath: [1, fc.constantFrom('$', '$.o', '$.r')],
}).map((more) => ({ Type: 'Pass', ...more }));

const variable = (sure: readonly string[], other: readonly string[]) => path([sure, other]);
const test: fc.Arbitrary<State> = fc.oneof(
  fc.record({ Variable: variable(['$.kind'], ['$.a', '$.nil']), StringEquals: fc.constantFrom('x', 'y') }),
  fc.record({
    Variable: variable(['$.either.t'], ['$.r.k']),
    StringEquals: fc.constantFrom('p', 'q', 'u'),
  }),
  fc.record({ Variable: variable(['$.flag'], ['$.r.ok']), BooleanEquals: fc.boolean() }),
  fc.record({ Variable: path(NUMBERS), NumericLessThan: amount }),
  fc.record({ Variable: path(NUMBERS), NumericGreaterThanPath: path(NUMBERS) }),
  fc.record({
    Variable: fc.constantFrom('$.maybe', '$.o.opt', '$.list[0]', '$.either.p', '$.r.opt', '$.e', '$.r'),
    IsPresent: fc.constant(true),
  }),
  fc.record({ Variable: variable(['$.nil'], ['$.r']), IsNull: fc.constant(true) }),
  fc.record({ Variable: variable(['$.nil'], ['$.e.Error']), IsString: fc.constant(true) }),
);
const rule: fc.Arbitrary<State> = fc.oneof(
  { weight: 4, arbitrary: test },
  { weight: 1, arbitrary: fc.tuple(test, test).map((And) => ({ And })) },
  { weight: 1, arbitrary: fc.tuple(test, test).map((Or) => ({ Or })) },
  { weight: 1, arbitrary: test.map((Not) => ({ Not })) },
);

const choice = (anywhere: fc.Arbitrary<string>, next: string): fc.Arbitrary<State> =>
  fc
    .record({
      Type: fc.constant('Choice'),
      Choices: fc.array(
        fc.tuple(rule, anywhere).map(([r, Next]) => ({ ...r, Next })),
        { minLength: 1, maxLength: 3 },
      ),
      Default: fc.constant(next),
    })
    .chain((state) =>
      fc.boolean().map((hasDefault) => {
        const { Default, ...rest } = state;
        // Without a Default, a rule must lead to the next state.
        return hasDefault || !state.Choices.some(({ Next }) => Next === next) ? { ...rest, Default } : rest;
      }),
    );

const map = (prefix: string): fc.Arbitrary<State> =>
  fc
    .record({
      ItemsPath: path([
        ['$.words', '$.list'],
        ['$.r', '$.o'],
      ]),
      inner: machine(`${prefix}I`, 2, false),
      more: fields({
        ItemSelector: [
          9,
          fc.constantFrom('$$.Map.Item.Value', '$$.Map.Item.Value', '$$.Map.Item.Value.id').map((r) => ({
            ...Object.fromEntries(
              ['a', 'n', 'kind', 'flag', 'nil', 'o', 'words', 'list', 'either'].map((name) => [
                `${name}.$`,
                `$.${name}`,
              ]),
            ),
            'r.$': r,
          })),
        ],
        ResultPath: [9, resultPath],
      }),
    })
    .map(({ ItemsPath, inner, more }) => ({ Type: 'Map', ItemsPath, ItemProcessor: inner, ...more }));

const parallel = (prefix: string): fc.Arbitrary<State> =>
  fc
    .record({
      Branches: fc.tuple(machine(`${prefix}L`, 2, false), machine(`${prefix}R`, 1, false)),
      more: fields({
        ResultPath: [9, resultPath],
        ResultSelector: [
          5,
          fc.constantFrom('$[0]', '$[1].a', '$[2]').map((a) => ({ 'a.$': a, 'o.$': '$[1]' })),
        ],
      }),
    })
    .map(({ Branches, more }) => ({ Type: 'Parallel', Branches, ...more }));

/** A machine whose states follow each other. Some transitions skip states, and a few lead back. */
function machine(prefix: string, most: number, isOuter: boolean): fc.Arbitrary<{ [field: string]: Json }> {
  return fc.integer({ min: 1, max: most }).chain((size) => {
    const names = Array.from({ length: size + 1 }, (_, index) => `${prefix}${index}`);
    const states = names.slice(0, -1).map((_, index) => {
      const next = names[index + 1] ?? '';
      const later = fc.constantFrom(...names.slice(index + 1));
      const anywhere = fc.oneof(
        { weight: 5, arbitrary: later },
        { weight: 1, arbitrary: fc.constantFrom(...names) },
      );
      const going = (state: fc.Arbitrary<State>) => state.map((fieldsOf) => ({ ...fieldsOf, Next: next }));
      return fc.oneof(
        { weight: 4, arbitrary: going(task(later)) },
        { weight: 3, arbitrary: going(pass) },
        { weight: 4, arbitrary: choice(anywhere, next) },
        { weight: 1, arbitrary: going(fc.constant({ Type: 'Wait', Seconds: 1 })) },
        ...(isOuter
          ? [
              { weight: 2, arbitrary: going(map(`${prefix}${index}`)) },
              { weight: 1, arbitrary: going(parallel(`${prefix}${index}`)) },
            ]
          : []),
      );
    });
    const last = fc.constantFrom<State>(
      { Type: 'Succeed' },
      { Type: 'Succeed', OutputPath: '$.a' },
      { Type: 'Fail', Error: 'Failed', CausePath: '$.a' },
    );
    return fc.tuple(fc.tuple(...states), last).map(([some, end]) => ({
      StartAt: `${prefix}0`,
      States: Object.fromEntries([...some, end].map((state, index) => [`${prefix}${index}`, state])),
    }));
  });
}

export const randomMachine = machine('S', 4, true);
