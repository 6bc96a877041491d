import * as z from 'zod/mini';
import { FUNCTION_NAMES, FUNCTIONS } from '../../../../asl/pipeline.ts';
import type { Manifest } from '../../../../functions/core/runtime/manifest.ts';
import {
  byDataset,
  count,
  name,
  readSettings,
  schemasOf,
  toVariables,
} from '../../../../functions/core/runtime/settings.ts';

const manifest = {
  settings: { bucket: name, prefixes: byDataset, maxChunks: count },
  environment: { maxWrites: z.optional(count) },
  capabilities: [],
  throws: [],
} as const satisfies Manifest;

const VALUES = {
  sourceBucket: 'source',
  ledgerTable: '12',
  bucket: 'b',
  prefixes: { results: '', orders: 'orders/' },
  maxChunks: 300,
};

test('a function reads the same settings that the stack writes', () => {
  for (const values of [VALUES, { ...VALUES, maxWrites: 0 }]) {
    const variables = toVariables(schemasOf(manifest), { ...values, another: 'of another function' });
    expect(readSettings(manifest, variables)).toEqual(values);
  }
});

test('variables are named after their settings', () => {
  expect(toVariables(schemasOf(manifest), VALUES)).toEqual({
    SOURCE_BUCKET: 'source',
    LEDGER_TABLE: '12',
    BUCKET: 'b',
    PREFIXES: '{"results":"","orders":"orders/"}',
    MAX_CHUNKS: '300',
  });
});

test.each([
  ['MAX_CHUNKS', undefined, 'is not set'],
  ['MAX_CHUNKS', '', 'is ""'],
  ['MAX_CHUNKS', '-1', 'is "-1"'],
  ['MAX_CHUNKS', '1.5', 'is "1.5"'],
  ['MAX_CHUNKS', 'many', 'is "many"'],
  ['BUCKET', '', 'is ""'],
  ['PREFIXES', '{', 'is "{"'],
  ['PREFIXES', '[]', 'is "[]"'],
  ['PREFIXES', '{"results": 1}', String.raw`is "{\"results\": 1}"`],
  ['MAX_WRITES', 'few', 'is "few"'],
])('%s = %s is a configuration error', (variable, value, message) => {
  const variables = { ...toVariables(schemasOf(manifest), VALUES), [variable]: value };
  expect(() => readSettings(manifest, variables)).toThrow(
    expect.objectContaining({
      name: 'ConfigurationError',
      message: expect.stringContaining(`The function's environment variable ${variable} ${message}`),
    }),
  );
});

test('no setting of a function has the name of another one', () => {
  expect(FUNCTION_NAMES.length).toBeGreaterThan(0);
  for (const each of FUNCTION_NAMES) {
    const { settings, environment = {} }: Manifest = FUNCTIONS[each];
    const names = [...Object.keys(settings), ...Object.keys(environment)];
    expect(Object.keys(schemasOf(FUNCTIONS[each]))).toEqual(['sourceBucket', 'ledgerTable', ...names]);
  }
});
