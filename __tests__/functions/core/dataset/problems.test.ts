/** What a dataset says is wrong with its definition. */

import { binary, date, decimal, integer, oneOf, text } from '../../../../functions/core/dataset/columns.ts';
import { dataset } from '../../../../functions/core/dataset/dataset.ts';

const columns = { id: text(), note: text({ empty: 'omit' }) };
const numbers = { id: text(), line: integer(), price: decimal() };

test.each([
  // @ts-expect-error no such column
  ['key names dd, which is not a column (did you mean "id"?)', dataset({ name: 'x', columns, key: '{dd}' })],
  // @ts-expect-error no such column, nor one like it
  ['key names price, which is not a column', dataset({ name: 'x', columns, key: '{price}' })],
  // @ts-expect-error it may be empty
  ['key names note, which may be empty', dataset({ name: 'x', columns, key: '{note}' })],
  [
    'key must name a column in braces; without one, every row has the same key',
    // @ts-expect-error no column at all
    dataset({ name: 'x', columns, key: 'ROW' }),
  ],
  [
    'sort names nam, which is not a column',
    // @ts-expect-error no such column
    dataset({ name: 'x', columns, key: '{id}', sort: '{nam}' }),
  ],
  [
    'sort names line, a number, which would sort as text, with 10 before 9; pad it to as many digits as it can have, such as {line:6}, or make it part of key',
    // @ts-expect-error it needs a width
    dataset({ name: 'x', columns: numbers, key: '{id}', sort: '{line}' }),
  ],
  [
    'sort names price, a number that may have a fraction, which would sort as text; make it part of key, or use an integer() with a width such as {price:6}',
    // @ts-expect-error it cannot be padded
    dataset({ name: 'x', columns: numbers, key: '{id}', sort: '{price}' }),
  ],
  [
    'sort pads id, which is not a whole number',
    // @ts-expect-error it is text
    dataset({ name: 'x', columns: numbers, key: '{id}', sort: '{id:6}' }),
  ],
  [
    'sort pads line to 0 digits; the width must be from 1 to 38',
    dataset({ name: 'x', columns: numbers, key: '{id}', sort: '{line:0}' }),
  ],
  [
    'nulls must be an array of strings, not "NA"',
    // @ts-expect-error not an array
    dataset({ name: 'x', columns, key: '{id}', nulls: 'NA' }),
  ],
  [
    "key must be a template such as 'ORDER#{id}', or an attribute with its template, not undefined",
    // @ts-expect-error it is required
    dataset({ name: 'x', columns }),
  ],
  [
    'it has two columns called "id": id and other',
    dataset({ name: 'x', columns: { id: text(), other: text({ aliases: [' ID'] }) }, key: '{id}' }),
  ],
  [
    'it has both the key and the column pk as the attribute pk; rename one of them',
    dataset({ name: 'x', columns: { id: text(), pk: text() }, key: '{id}' }),
  ],
  [
    'it has both the key and the column n as the attribute n; rename one of them',
    // A text cannot be the same attribute as a number.
    dataset({ name: 'x', columns: { id: text(), n: integer() }, key: { n: 'N#{n}' } }),
  ],
  [
    'it has both the column a and the column b as the attribute x.y; rename one of them',
    dataset({
      name: 'x',
      columns: { id: text(), a: text({ attribute: 'x.y' }), b: text({ attribute: 'x.y' }) },
      key: '{id}',
    }),
  ],
  [
    'it has the column a as x.y, but the column x as x, which is no map; rename one of them',
    dataset({ name: 'x', columns: { id: text(), a: text({ attribute: 'x.y' }), x: text() }, key: '{id}' }),
  ],
  [
    'it has the column a as pk.y, but the key as pk, which is no map; rename one of them',
    dataset({ name: 'x', columns: { id: text(), a: text({ attribute: 'pk.y' }) }, key: '{id}' }),
  ],
  [
    'it has both the column id and the constant id as the attribute id; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', constants: { id: 'x' } }),
  ],
  [
    'a.attribute names ""; a name must have 1 to 255 bytes',
    dataset({ name: 'x', columns: { id: text(), a: text({ attribute: 'x..y' }) }, key: '{id}' }),
  ],
  [
    'constants.when is no value that DynamoDB can store',
    // @ts-expect-error no date
    dataset({ name: 'x', columns, key: '{id}', constants: { when: new Date(0) } }),
  ],
  [
    'load.mode is "merge", which cannot set x.y of the column a, because an item may lack the map around it; choose an attribute without a dot',
    dataset({
      name: 'x',
      columns: { id: text(), a: text({ attribute: 'x.y' }) },
      key: '{id}',
      load: { mode: 'merge' },
    }),
  ],
  [
    'load.operation.column names op, which is not stored; remove the attribute of the column',
    dataset({
      name: 'x',
      columns: { id: text(), op: text({ attribute: 'x' }) },
      key: '{id}',
      load: { operation: { column: 'op', delete: ['D'] } },
    }),
  ],
  [
    'derive must be a function that is not async, not [AsyncFunction: derive]',
    // @ts-expect-error it is async
    dataset({ name: 'x', columns, key: '{id}', derive: async () => ({}) }),
  ],
  [
    'derive may have only one parameter, the row: changesOnly and "replace" skip rows that have not changed, and what is derived from the upload changes in every row',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      load: { mode: 'replace', feed: 'object' },
      derive: (_, { time }) => ({ time }),
    }),
  ],
  [
    'derive does not work with the mode "merge", whose files may lack columns; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      load: { mode: 'merge' },
      derive: ({ id }) => ({ upper: id }),
    }),
  ],
  [
    'ttl.from names id, which is not a date or a time',
    dataset({ name: 'x', columns, key: '{id}', ttl: { attribute: 'expires', from: 'id', days: 1 } }),
  ],
  [
    'ttl.days must be more than 0 and at most 36500, not 0',
    dataset({ name: 'x', columns, key: '{id}', ttl: { attribute: 'expires', days: 0 } }),
  ],
  [
    'it has both the column id and ttl as the attribute id; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', ttl: { attribute: 'id', days: 1 } }),
  ],
  [
    'ttl.from must name a column, because changesOnly and "replace" skip rows that have not changed, and the time of the upload changes in every row',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      ttl: { attribute: 'expires', days: 1 },
      load: { changesOnly: true, feed: 'object' },
    }),
  ],
  [
    'indexes.byNote.key names note, which may be empty',
    // @ts-expect-error it may be empty
    dataset({ name: 'x', columns, key: '{id}', indexes: { byNote: { key: '{note}' } } }),
  ],
  [
    'it has both the column note and a key of the index byId as the attribute note; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', indexes: { byId: { key: { note: 'N#{id}' } } } }),
  ],
  [
    'indexes.x must have a name of 3 to 250 letters, digits, _, - and .',
    dataset({ name: 'x', columns, key: '{id}', indexes: { x: { key: '{id}' } } }),
  ],
  [
    'it has both the key and the sort key as the attribute id; rename one of them',
    dataset({ name: 'x', columns, key: { id: '{id}' }, sort: { id: '{id}' } }),
  ],
  [
    'key must have exactly one attribute, with its template',
    dataset({ name: 'x', columns, key: { id: '{id}', other: '{id}' } }),
  ],
  ['key names ""; a name must have 1 to 255 bytes', dataset({ name: 'x', columns, key: { '': '{id}' } })],
  [
    'key names note, which may be empty',
    // @ts-expect-error it may be empty
    dataset({ name: 'x', columns, key: { other: '{note}' } }),
  ],
  [
    'key names code, which is not text, a number, a date or a boolean',
    // @ts-expect-error bytes are not text
    dataset({ name: 'x', columns: { code: binary({ encoding: 'hex' }) }, key: { id: 'C#{code}' } }),
  ],
  [
    'it has a column called "__proto__", which is not allowed; rename it, and make this an alias',
    dataset({ name: 'x', columns: { id: text(), ['__proto__']: text() }, key: '{id}' }),
  ],
  [
    'a is not required and so may be empty, but rejects empty cells',
    dataset({
      name: 'x',
      columns: { id: text(), a: text({ required: false, empty: 'reject' }) },
      key: '{id}',
    }),
  ],
  [
    'sort needs something between two columns; without it, 1 and 23 make the same key as 12 and 3',
    dataset({ name: 'x', columns: { a: text(), b: text() }, key: '{a}', sort: '{a}{b}' }),
  ],
  // @ts-expect-error the kind is not called
  ['a must be a column, such as text()', dataset({ name: 'x', columns: { a: text }, key: '{a}' })],
  [
    'tolerance.share must be from 0 to 1, not 5',
    dataset({ name: 'x', columns, key: '{id}', tolerance: { share: 5 } }),
  ],
  [
    'tolerance.rows must be a whole number, 0 or more, not 0.5',
    dataset({ name: 'x', columns, key: '{id}', tolerance: { rows: 0.5 } }),
  ],
  [
    'tolerance must have either rows or share',
    // @ts-expect-error both
    dataset({ name: 'x', columns, key: '{id}', tolerance: { rows: 1, share: 0.5 } }),
  ],
  [
    'tolerance has the unknown option "row" (did you mean "rows"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', tolerance: { rows: 1, row: 1 } }),
  ],
  [
    'it has the unknown option "tolerence" (did you mean "tolerance"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', tolerence: { rows: 1 } }),
  ],
  [
    'duplicates must be "last-wins" or "reject", not "last-win" (did you mean "last-wins"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', duplicates: 'last-win' }),
  ],
  [
    'load.mode must be "upsert", "insert", "merge" or "replace", not "inserts" (did you mean "insert"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'inserts' } }),
  ],
  [
    'it has both the column _upload and the name of the upload as the attribute _upload; rename one of them',
    dataset({ name: 'x', columns: { id: text(), _upload: text() }, key: '{id}', load: { mode: 'insert' } }),
  ],
  [
    'load.newest has no effect on an insert, which never replaces an item; remove one of the two',
    // @ts-expect-error a contradiction
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'insert', newest: { attribute: 'at' } } }),
  ],
  [
    'load.mode cannot be "merge" in a dataset of 501 columns; DynamoDB sets at most 500 at once',
    dataset({
      name: 'x',
      columns: {
        ...columns,
        ...Object.fromEntries(Array.from({ length: 499 }, (_, i) => [`c${i}`, text()])),
      },
      key: '{id}',
      load: { mode: 'merge' },
    }),
  ],
  [
    'load.operation contradicts newest, since a deleted item has no time; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { newest: { attribute: 'at' }, operation: { column: 'note', delete: ['D'] } },
    }),
  ],
  [
    'load.operation contradicts an insert, which never deletes an item; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { mode: 'insert', operation: { column: 'note', delete: ['D'] } },
    }),
  ],
  [
    'load.operation.column names notes, which is not a column (did you mean "note"?)',
    // @ts-expect-error misspelt
    dataset({ name: 'x', columns, key: '{id}', load: { operation: { column: 'notes', delete: ['D'] } } }),
  ],
  [
    'load.operation.column names id, which is part of the key, so that a row deletes nothing; take it out of the key',
    dataset({ name: 'x', columns, key: '{id}', load: { operation: { column: 'id', delete: ['D'] } } }),
  ],
  [
    'load.operation.delete names "X", which is not text that the column op can have',
    dataset({
      name: 'x',
      columns: { ...columns, op: oneOf(['I', 'D']) },
      key: '{id}',
      load: { operation: { column: 'op', delete: ['D', 'X'] } },
    }),
  ],
  [
    'load.operation.delete names "1", which is not text that the column n can have',
    dataset({
      name: 'x',
      columns: { ...columns, n: integer() },
      key: '{id}',
      // @ts-expect-error not text
      load: { operation: { column: 'n', delete: ['1'] } },
    }),
  ],
  [
    'load.operation.delete must have at least one value',
    // @ts-expect-error none
    dataset({ name: 'x', columns, key: '{id}', load: { operation: { column: 'note', delete: [] } } }),
  ],
  [
    'it has both the column id and load.newest as the attribute id; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', load: { newest: { attribute: 'id' } } }),
  ],
  [
    'it has both the key and load.newest as the attribute pk; rename one of them',
    dataset({ name: 'x', columns, key: '{id}', load: { newest: { attribute: 'pk' } } }),
  ],
  [
    "load.changesOnly needs to know which uploads follow each other: add feed: 'object' if a file comes under the same name each time, or feed: 'dataset' if its name changes and each file of the dataset replaces the one before",
    // @ts-expect-error no feed
    dataset({ name: 'x', columns, key: '{id}', load: { changesOnly: true } }),
  ],
  [
    'load.feed must be "object" or "dataset", not "key"',
    // @ts-expect-error no such feed
    dataset({ name: 'x', columns, key: '{id}', load: { changesOnly: true, feed: 'key' } }),
  ],
  [
    'load.feed has no effect without changesOnly: true or mode: "replace"; remove it, or add one of these',
    // @ts-expect-error without effect
    dataset({ name: 'x', columns, key: '{id}', load: { feed: 'object' } }),
  ],
  [
    'load.changesOnly works with the mode "upsert" alone, not with "merge"; remove one of the two',
    // @ts-expect-error a contradiction
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'merge', changesOnly: true, feed: 'object' } }),
  ],
  [
    'load.changesOnly contradicts newest, since the feed then does not show what the table has; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { changesOnly: true, feed: 'object', newest: { attribute: 'at' } },
    }),
  ],
  [
    "load.mode is \"replace\", which needs to know which uploads follow each other: add feed: 'object' if a file comes under the same name each time, or feed: 'dataset' if its name changes and each file of the dataset replaces the one before",
    // @ts-expect-error no feed
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'replace' } }),
  ],
  [
    'load.mode is "replace", which contradicts newest, since the feed then does not show what the table has; remove one of the two',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { mode: 'replace', feed: 'object', newest: { attribute: 'at' } },
    }),
  ],
  [
    'load.changesOnly is what "replace" does anyway; remove it',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      // @ts-expect-error a contradiction
      load: { mode: 'replace', changesOnly: true, feed: 'object' },
    }),
  ],
  [
    'load.listChanges has no effect without changesOnly: true or mode: "replace"; remove it, or add one of these',
    // @ts-expect-error without effect
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'insert', listChanges: true } }),
  ],
  [
    'load.maxRemoved has no effect without mode: "replace"; remove it, or add that',
    // @ts-expect-error without effect
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'upsert', maxRemoved: { share: 1 } } }),
  ],
  [
    'load.maxRemoved must have share, rows, or both',
    // @ts-expect-error no limit
    dataset({ name: 'x', columns, key: '{id}', load: { mode: 'replace', feed: 'object', maxRemoved: {} } }),
  ],
  [
    'load.maxRemoved.share must be from 0 to 1, not 20',
    dataset({
      name: 'x',
      columns,
      key: '{id}',
      load: { mode: 'replace', feed: 'object', maxRemoved: { share: 20 } },
    }),
  ],
  [
    'load.newest.attribute must be 1 to 255 bytes long',
    dataset({ name: 'x', columns, key: '{id}', load: { newest: { attribute: '' } } }),
  ],
  [
    'load.newest.attribute must be a string, not undefined',
    // @ts-expect-error missing
    dataset({ name: 'x', columns, key: '{id}', load: { newest: {} } }),
  ],
  [
    "encodings must be one encoding in brackets, such as ['shift_jis'], or ['utf-8', 'windows-1252'], not [ 'windows-1252', 'utf-8' ]",
    // @ts-expect-error in the wrong order
    dataset({ name: 'x', columns, key: '{id}', encodings: ['windows-1252', 'utf-8'] }),
  ],
  [
    'encodings has the unknown encoding "shift_jiss" (did you mean "shift_jis"?); use a name that TextDecoder knows, or convert the files to UTF-8',
    dataset({ name: 'x', columns, key: '{id}', encodings: ['shift_jiss'] }),
  ],
  [
    'encodings has the unknown encoding "cp932" (it is "shift_jis" here); use a name that TextDecoder knows, or convert the files to UTF-8',
    dataset({ name: 'x', columns, key: '{id}', encodings: ['cp932'] }),
  ],
  [
    'encodings has the unknown encoding "cp850"; use a name that TextDecoder knows, or convert the files to UTF-8',
    dataset({ name: 'x', columns, key: '{id}', encodings: ['cp850'] }),
  ],
  [
    'encodings has UTF-7, which is not supported; convert the files to UTF-8',
    dataset({ name: 'x', columns, key: '{id}', encodings: ['UTF-7'] }),
  ],
  [
    'delimiter must be one character other than a line break or the quote, not "||"',
    dataset({ name: 'x', columns, key: '{id}', delimiter: '||' }),
  ],
  [
    'delimiter must be one character other than a line break or the quote, not "\\""',
    dataset({ name: 'x', columns, key: '{id}', delimiter: '"' }),
  ],
])('a dataset says what is wrong with it, and cannot be used: %s', (problem, { problem: found, toItem }) => {
  const sentence = `The dataset "x" is invalid: ${problem}.`;
  expect(found).toBe(sentence);
  expect(() => toItem([])).toThrow(sentence);
});

test('a name that cannot be part of a table name is invalid', () => {
  expect(dataset({ name: 'X', columns, key: '{id}' }).problem).toBe(
    'The dataset "X" is invalid: name must be 1 to 32 characters of a-z, 0-9 and -, starting with a letter.',
  );
});

test('all columns whose options are wrong are named in one sentence', () => {
  const orders = dataset({
    name: 'orders',
    columns: {
      // @ts-expect-error misspelt
      price: decimal({ emtpy: 'omit' }),
      // @ts-expect-error misspelt
      ordered: date({ empty: 'ommit' }),
      id: text(),
    },
    key: '{id}',
  });
  expect(orders.problem).toBe(
    'The dataset "orders" is invalid: price has the unknown option "emtpy" (did you mean "empty"?); ordered.empty must be "reject", "omit", "null" or "text", not "ommit" (did you mean "omit"?).',
  );
});

test('names are the same in any case, also where capitals have another letter', () => {
  const { problem } = dataset({
    name: 'x',
    columns: { a: text({ aliases: ['Straße'] }), b: text({ aliases: ['STRASSE'] }) },
    key: '{a}',
  });
  expect(problem).toContain('has two columns called "strasse": a and b');
});
