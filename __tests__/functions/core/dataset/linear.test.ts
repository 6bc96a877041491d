/**
 * No reader of cells, headers or keys takes the square of their length. The work is counted, not timed: no regular
 * expression of the sources may be more than linear, and what else is more than linear never gets a long text.
 */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { storedValue } from '../../../../functions/core/dataset/columns/column.ts';
import * as columns from '../../../../functions/core/dataset/columns.ts';
import { keyMaker } from '../../../../functions/core/dataset/key.ts';
import { nearestName, normalisedName } from '../../../../functions/core/dataset/names.ts';
import { compareNumbers } from '../../../../functions/core/dataset/numbers.ts';
import { everyNth, onlyInFull } from '../../../support/full-run.ts';

const root = join(__dirname, '../../../..');
const LENGTH = 400_000;

/** Texts built to hurt: long runs, runs that nearly match, marks in the wrong order, and nested brackets. */
const hostile: readonly string[] = [
  ...[
    '0',
    '1',
    ' ',
    'a',
    '-',
    '.',
    ',',
    '1,',
    '1.',
    "1'",
    '[',
    '{"a":',
    'a|',
    '\u0315\u0300',
    '\u200B',
    '(',
    '%',
  ],
  ...['１', '\u2212', 'e', 'a@', 'a.', '2024-', '=', '{'],
].flatMap((unit) => {
  const run = unit.repeat(LENGTH / unit.length);
  return [run, `1${run}1`, `${run}!`, `-${run}`];
});

const { boolean, dateTime, date, month, decimal, integer, list, set, json } = columns;
const readers: Readonly<Record<string, (cell: string) => unknown>> = {
  ...Object.fromEntries(
    Object.entries({
      text: columns.text({ maxLength: 10 }),
      decimal: decimal({ grouping: ',', currency: '$', negative: 'parentheses', unicode: true }),
      indian: decimal({ grouping: ',', groups: 'indian', negative: 'trailing' }),
      percent: decimal({ percent: true }),
      integer: integer({ grouping: ' ' }),
      boolean: boolean({ true: ['yes'], false: ['no'] }),
      oneOf: columns.oneOf(['a']),
      date: date({ format: 'D MMMM YY', pivot: 50 }),
      dateTime: dateTime({ format: 'M/D/YYYY h:mm:ss.S A Z' }),
      unix: dateTime({ format: 'X' }),
      month: month(),
      list: list({ separator: '|', of: decimal({ empty: 'omit' }) }),
      set: set({ separator: ',', of: integer({ empty: 'omit' }) }),
      json: json(),
      base64: columns.binary({ encoding: 'base64' }),
      hex: columns.binary({ encoding: 'hex' }),
      uuid: columns.uuid(),
      email: columns.email(),
      pattern: columns.pattern(/^[a-z]+$/),
    }).map(([name, column]) => [name, (cell: string) => storedValue(column, cell)]),
  ),
  names: (cell) => [
    normalisedName(cell),
    nearestName(cell, [cell, 'id', `${cell}x`]),
    nearestName('id', [cell]),
  ],
  key: (cell) => keyMaker('sort', { name: 'sk', type: 'S', template: '{a}#{b:6}' })({ a: cell, b: cell }),
};

/** Counts the characters given to what takes the square of their number, each squared. */
function squaredWork(run: () => unknown): number {
  let work = 0;
  const { BigInt: bigInt } = globalThis;
  const { normalize, charCodeAt } = String.prototype;
  const count = (text: unknown): void => {
    if (typeof text === 'string') work += text.length ** 2;
  };
  globalThis.BigInt = new Proxy(bigInt, {
    apply: (target, self, args) => {
      count(args[0]);
      return Reflect.apply(target, self, args);
    },
  });
  String.prototype.normalize = function (this: string, form) {
    count(String(this));
    return normalize.call(this, form);
  };
  // Comparing names letter by letter reads each one of them.
  String.prototype.charCodeAt = function (this: string, at) {
    work += 1;
    return charCodeAt.call(this, at);
  };
  try {
    run();
    return work;
  } finally {
    globalThis.BigInt = bigInt;
    Object.assign(String.prototype, { normalize, charCodeAt });
  }
}

test.each(Object.entries(readers))('%s reads any long text in linear work', (_, read) => {
  for (const text of everyNth(7, hostile)) expect(squaredWork(() => read(text))).toBeLessThan(10 * LENGTH);
});

test('the count finds what takes the square', () => {
  expect(squaredWork(() => BigInt('1'.repeat(LENGTH)))).toBeGreaterThan(10 * LENGTH);
  expect(compareNumbers('1', '2')).toBeLessThan(0);
});

/** The regular expressions in a file, as `/source/flags`. */
function literals(file: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, pattern, flags } = Object(node);
    if (type === 'RegExpLiteral') found.push(`/${pattern}/${flags}`);
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(parseSync(readFileSync(join(root, file), 'utf8'), { syntax: 'typescript', target: 'es2024' }));
  return found;
}

/** Those that readers put together of the columns' options. */
function assembled(): string[] {
  const found: string[] = [];
  const { RegExp: original } = globalThis;
  globalThis.RegExp = new Proxy(original, {
    construct: (target, args) => {
      const made = Reflect.construct(target, args);
      found.push(String(made));
      return made;
    },
  });
  try {
    decimal({ point: ',', grouping: '.' });
    decimal({ grouping: ',', groups: 'indian' });
    for (const format of ['D MMMM YYYY H:mm:ss,S Z', 'M/D/YYYY h:mm:ss.SSS A']) dateTime({ format });
    return found;
  } finally {
    globalThis.RegExp = original;
  }
}

onlyInFull(() => {
  test('no regular expression that reads cells, headers or keys is more than linear', () => {
    const { checkSync }: typeof import('recheck') = require('recheck/lib/browser.js');
    const files = globSync(['functions/core/{csv,dataset}/**/*.ts', 'tools/**/*.ts', 'report/*.ts'], {
      cwd: root,
    });
    const all = new Set([...files.flatMap(literals), ...assembled()]);
    expect(all.size).toBeGreaterThan(60);
    const slow = [...all].filter((literal) => {
      const [, source = '', flags = ''] = /^\/(.*)\/(\w*)$/s.exec(literal) ?? [];
      return checkSync(source, flags, { checker: 'automaton' }).status === 'vulnerable';
    });
    expect(slow).toEqual([]);
  });
});
