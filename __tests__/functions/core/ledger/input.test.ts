/** The inputs that an execution accepts. */

import fc from 'fast-check';
import { InvalidInputError } from '../../../../functions/core/errors.ts';
import { parseInput as parse } from '../../../../functions/core/ledger/input.ts';

const parseInput = (input: unknown) => parse(input, 'source');

/** The `detail.object` of an event as S3 sends it. */
const object = {
  key: 'folder/a b.csv',
  size: 5,
  etag: 'b1946ac92492d2347c6235b4d2611184',
  'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
  sequencer: '00617F08299329D189',
};

test('the object of an S3 event is accepted, and is in the source bucket', () => {
  expect(parseInput(object)).toEqual({
    bucket: 'source',
    key: 'folder/a b.csv',
    etag: 'b1946ac92492d2347c6235b4d2611184',
    versionId: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
    sequencer: '00617F08299329D189',
    force: false,
  });
});

test('the object of an event may have fewer fields, and additional ones', () => {
  const less = { key: 'a.csv', etag: 'e', more: [] };
  const upload = { bucket: 'source', key: 'a.csv', etag: 'e', force: false };
  expect(parseInput(less)).toEqual(upload);
});

test('the object of an event may have "force"', () => {
  expect(parseInput({ ...object, force: true })).toMatchObject({ force: true });
});

test.each([
  [{}, { force: false }],
  [{ force: true }, { force: true }],
  [{ force: false }, { force: false }],
  [{ versionId: 'v1' }, { versionId: 'v1', force: false }],
  [
    { versionId: 'v1', undo: 'v2' },
    { versionId: 'v1', force: false, undo: 'v2' },
  ],
])('a manual input with %j is accepted', (more, parsed) => {
  const upload = parseInput({ bucket: 'source', key: 'a.csv', ...more });
  expect(upload).toEqual({ bucket: 'source', key: 'a.csv', ...parsed });
});

test.each([{}, { versionId: 'v1', force: true }])('an undo with %j is refused', (more) => {
  const input = { bucket: 'source', key: 'a.csv', undo: 'v2', ...more };
  expect(() => parseInput(input)).toThrow(InvalidInputError);
  expect(() => parseInput(input)).toThrow('the input must have "versionId" beside "undo", and not "force"');
});

test('every sequencer of 1 to 64 hexadecimal digits is accepted unchanged', () => {
  const digits = fc.array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(digits, (each) => {
      const sequencer = each.join('');
      expect(parseInput({ ...object, sequencer }).sequencer).toBe(sequencer);
    }),
  );
});

test.each([
  ['', '""'],
  ['0x12', '"0x12"'],
  ['12 ', '"12 "'],
  ['12\n', String.raw`"12\n"`],
  ['-1', '"-1"'],
  ['G', '"G"'],
  ['１２', '"１２"'],
  ['a"b', String.raw`"a\"b"`],
  ['0'.repeat(65), `"${'0'.repeat(64)}"`],
  [12, 'of type number'],
  [null, 'of type object'],
  [['12'], 'of type object'],
  [true, 'of type boolean'],
])('the sequencer %j is refused, even if the load is forced', (sequencer, actual) => {
  for (const force of [false, true]) {
    const input = { ...object, force, sequencer };
    expect(() => parseInput(input)).toThrow(InvalidInputError);
    expect(() => parseInput(input)).toThrow(`The event's sequencer is ${actual}, but must be`);
  }
});

test.each([
  [undefined, 'is of type undefined'],
  [null, 'is null'],
  ['a.csv', 'is of type string'],
  [1, 'is of type number'],
  [[], 'is of type object'],
  [{}, 'is of type object'],
  [{ bucket: 'source' }, 'has the fields bucket.'],
  [{ bucket: 'source', key: '' }, 'has the fields bucket, key.'],
  [{ bucket: '', key: 'a.csv' }, 'has the fields bucket, key.'],
  [{ bucket: 'source', key: ['a.csv'] }, 'has the fields bucket, key.'],
  [{ bucket: 'source', key: 'a.csv', Force: true }, 'has the fields bucket, key, Force.'],
  [{ bucket: 'source', key: 'a.csv', force: 'true' }, 'has the fields bucket, key, force.'],
  [{ bucket: 'source', key: 'a.csv', versionId: null }, 'has the fields bucket, key, versionId.'],
  [{ bucket: { name: 'source' }, key: 'a.csv' }, 'has the fields bucket, key.'],
  [{ key: 'a.csv' }, 'has the fields key.'],
  [{ key: 'a.csv', etag: 1 }, 'has the fields key, etag.'],
  [{ key: 'a.csv', etag: 'e', bucket: 'another' }, 'has the fields key, etag, bucket.'],
  [{ bucket: { name: 'source' }, object }, 'has the fields bucket, object.'],
  [
    { Records: [{ s3: { bucket: { name: 'source' }, object: { key: 'a.csv' } } }] },
    'has the fields Records.',
  ],
])('the input %j is refused', (input, is) => {
  expect(() => parseInput(input)).toThrow(InvalidInputError);
  expect(() => parseInput(input)).toThrow(is);
});

test('the message for an input with many long field names is short', () => {
  const input = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, field) => [`${field}${'x'.repeat(1_000)}`, 1]),
  );
  expect(() => parseInput(input)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^.{1,1000}$/s) }),
  );
});

test('a field called __proto__ changes no prototype', () => {
  const typed: unknown = JSON.parse(
    '{"bucket": "source", "key": "__proto__", "__proto__": {"force": true, "versionId": "v"}}',
  );
  expect(() => parseInput(typed)).toThrow(InvalidInputError);
  const event: unknown = JSON.parse(
    '{"key": "a.csv", "etag": "e", "__proto__": {"sequencer": "1", "force": true}}',
  );
  const upload = { bucket: 'source', key: 'a.csv', etag: 'e', force: false };
  expect(parseInput(event)).toEqual(upload);
  expect(Object.keys(Object.prototype)).toEqual([]);
});
