import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { NumberValue, type Storable } from '../../../../functions/core/dataset/columns.ts';
import { attributes } from '../../../../functions/core/table/attributes.ts';
import { BatchWriter, putOf, putOrDelete } from '../../../../functions/core/table/batch-write.ts';
import { documentClient } from '../../../../functions/core/table/connections.ts';
import { itemHash } from '../../../../functions/core/table/identity.ts';
import { startServer } from '../../../support/server.ts';
import { PK_AND_SK } from '../../../support/table-key.ts';

/** Any name but `__proto__`: no column has that name, and the SDK drops it from a map. */
const name = fc.string().filter((text) => text !== '__proto__');

/** Any value that a dataset can produce. */
const { value } = fc.letrec<{ value: Storable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('0', '-12.50', '12345678901234567890.123456789012345678').map(NumberValue.from),
    fc.uint8Array(),
    fc.uniqueArray(fc.string({ unit: 'binary' }), { minLength: 1 }).map((all) => new Set(all)),
    fc.uniqueArray(fc.bigInt(), { minLength: 1 }).map((all) => new Set(all)),
    fc.constantFrom('0', '-12.5').map((digits) => new Set([NumberValue.from(digits)])),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** Attributes as they are sent. */
function json(attributes: unknown): unknown {
  const text = JSON.stringify(attributes, (_, inner) =>
    inner instanceof Uint8Array ? Buffer.from(inner).toString('base64') : inner,
  );
  return JSON.parse(text);
}

test('serializes an item as the SDK does', () => {
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (attributes) => {
      const item = { ...attributes, pk: 'ROW#1' };
      expect(JSON.parse(putOf(item).json)).toEqual({ PutRequest: { Item: json(marshall(item)) } });
    }),
    { numRuns: 500 },
  );
});

test('omits undefined attributes', () => {
  expect(putOf({ pk: 'ROW#1', sk: 'A', note: undefined }).json).toBe(
    '{"PutRequest":{"Item":{"pk":{"S":"ROW#1"},"sk":{"S":"A"}}}}',
  );
});

test('what was not processed is found again by both of its keys', async () => {
  const environment = { ...process.env };
  let written = (key: string) => key;
  const server = await startServer((_, body, response) => {
    const { RequestItems } = JSON.parse(body.toString());
    response.end(written(JSON.stringify({ UnprocessedItems: { t: RequestItems.t.slice(-1) } })));
  });
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_ENDPOINT_URL_DYNAMODB: server.url,
  });
  const client = documentClient(1_000);
  try {
    const puts = ['A', 'B', 'C'].map((sk) => putOf({ pk: 'ROW#1', sk }));
    const writer = new BatchWriter(
      client,
      't',
      PK_AND_SK,
      putOrDelete(PK_AND_SK, { column: 'op', deletes: new Set(['D']) }),
    );
    const { refused } = await writer.write(puts, AbortSignal.timeout(10_000));
    expect(refused).toEqual([puts[2]]);
    const deleted = writer.writeOf({ pk: 'ROW#1', sk: 'D', op: 'D' });
    expect(JSON.parse(deleted.json)).toEqual({
      DeleteRequest: { Key: { pk: { S: 'ROW#1' }, sk: { S: 'D' } } },
    });
    expect(await writer.write([...puts, deleted], AbortSignal.timeout(10_000))).toEqual({
      refused: [deleted],
    });
    const numbers = new BatchWriter(client, 't', [{ name: 'n', type: 'N', template: '{n}' }]);
    const two = [1e3, 7].map((n) => numbers.writeOf({ n, sk: 'A' }));
    const seven = { refused: [two[1]] };
    expect(await numbers.write(two, AbortSignal.timeout(10_000))).toEqual(seven);
    // If DynamoDB wrote a number in another way, nothing may count as written.
    written = (answer) => answer.replace('"7"', '"7.0"');
    expect(await numbers.write(two, AbortSignal.timeout(10_000))).toEqual({ refused: two });
  } finally {
    client.destroy();
    await server.close();
    process.env = environment;
  }
});

test('items have the same hash just if they are stored alike', () => {
  const texts = ['', '1:a', 'S1:a', '1:bS1:a', '{"S":"a"}'];
  const others = [null, undefined, 1n, NumberValue.from('1'), { a: '1' }, { a: 1n }, ['1:a']];
  const any = fc.constantFrom<unknown[]>(...texts, ...others);
  const item = fc.record({ pk: fc.constant('1'), a: any, b: any });
  let alike = 0;
  fc.assert(
    fc.property(item, item, (one, other) => {
      const isAlike = attributes(one) === attributes(other);
      expect(itemHash(Object(one)) === itemHash(Object(other))).toBe(isAlike);
      if (isAlike) alike += 1;
    }),
    { numRuns: 2_000 },
  );
  expect(alike).toBeGreaterThan(3);
});
