/** What the compiler says of a dataset as one writes it. */

import { join } from 'node:path';
import { type CompilerError, errorsOfEach } from '../../../asl/language/compiler.ts';

const core = join(__dirname, '../../../../functions/core/dataset');

const CHECKED = `
  import { integer, text } from '${core}/columns.ts';
  import { dataset } from '${core}/dataset.ts';
  const columns = { id: text(), from: integer(), to: integer({ empty: 'omit' }) };
  const of = { name: 'x', columns, key: '{id}' } as const;
  export const valid = dataset({ ...of, sort: '{from:4}', check: ({ sk, from }) => (from > 0n ? undefined : sk) });
  export const misspelt = dataset({ ...of, check: ({ form }) => form });
  export const omitted = dataset({ ...of, check: ({ from, to }) => (to < from ? 'ends too early' : undefined) });
  export const later = dataset({ ...of, check: async () => 'too late' });
  export const changed = dataset({ ...of, check: (item) => (item.from = 1n, undefined) });
`;

const COMPARED = `
  import { custom, text } from '${core}/columns.ts';
  import { dataset } from '${core}/dataset.ts';
  declare const tags: ReturnType<typeof custom<string[], {}>>;
  const of = { name: 'x', columns: { id: text(), email: text({ empty: 'omit' }), tags }, key: '{id}' } as const;
  export const valid = dataset({ ...of, unique: ['id', 'email'], expect: { rows: { min: 1 } } });
  export const misspelt = dataset({ ...of, unique: ['emial'] });
  export const list = dataset({ ...of, unique: ['tags'] });
  export const open = dataset({ ...of, expect: { rows: {} } });
`;

const KEYED = `
  import { decimal, integer, text } from '${core}/columns.ts';
  import { dataset } from '${core}/dataset.ts';
  const columns = { order_id: text(), note: text({ empty: 'omit' }), line: integer(), price: decimal() };
  export const valid = dataset({ name: 'x', columns, key: '{price}#{line}', sort: 'LINE#{line:6}#{order_id}' });
  export const misspelt = dataset({ name: 'x', columns, key: 'ORDER#{oder_id}' });
  export const empty = dataset({ name: 'x', columns, key: '{note}' });
  export const constant = dataset({ name: 'x', columns, key: 'ORDER' });
  export const sort = dataset({ name: 'x', columns, key: '{order_id}', sort: '{order_id}#{lin}' });
  export const unpadded = dataset({ name: 'x', columns, key: '{order_id}', sort: 'LINE#{line}' });
  export const decimals = dataset({ name: 'x', columns, key: '{order_id}', sort: '{price:6}' });
`;

let checked: CompilerError[] = [];
let compared: CompilerError[] = [];
let keyed: CompilerError[] = [];
beforeAll(() => {
  [checked = [], compared = [], keyed = []] = errorsOfEach([CHECKED, COMPARED, KEYED], ['node']);
});

test('a check is given the item, and cannot answer later', () => {
  const errors = checked.map(({ line, text }) => `${line}: ${text}`);
  expect(errors).toEqual([
    expect.stringMatching(/^7: .*Property 'form' does not exist/),
    expect.stringMatching(/^8: .*'to' is possibly 'undefined'/),
    expect.stringMatching(/^9: .*'\(\) => Promise<string>' is not assignable/),
    expect.stringMatching(/^10: .*Cannot assign to 'from' because it is a read-only property/),
  ]);
});

test('checks across rows that contradict the columns do not compile', () => {
  const errors = compared.map(({ line, text }) => `${line}: ${text}`);
  expect(errors).toEqual([
    expect.stringMatching(/^7: .*Type '"emial"' is not assignable.* Did you mean '"email"'/),
    expect.stringMatching(/^8: .*Type '"tags"' is not assignable/),
    expect.stringMatching(/^9: .*Type '\{\}' is not assignable to type 'RowRange'/),
  ]);
});

test('a key that no row could have does not compile, and the message says why', () => {
  const texts = keyed.map(({ line, text }) => `${line}: ${/to type '"(.*)"'\.$/.exec(text)?.[1]}`);
  expect(texts).toEqual([
    '6: the key names oder_id, which is not a column',
    '7: the key names note, which may be empty or is not text, a number, a date or a boolean',
    '8: a key must name a column in braces',
    '9: the key names lin, which is not a column',
    '10: the sort key names line, a number, which sorts as text; pad a whole number, such as {line:6}',
    '11: the key pads price, which may be empty or is not a whole number',
  ]);
});
