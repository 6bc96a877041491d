/** How a load changes the table, by the dataset's mode: a case of the whole pipeline for each. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Pipeline, sharedPipeline } from '../../support/pipeline.ts';
import { parsed, readStack, resources } from '../../support/stack/stack.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

test('insert: rows whose key the table has are counted, and change nothing', async () => {
  const dataset = 'inserted';
  const first = await pipeline.ingest('one.csv', 'id,name\na,one\nb,one\n', { dataset });
  expect(first).toMatchObject({ status: 'SUCCEEDED', output: { read: 2, loaded: 2, existing: 0 } });
  const second = await pipeline.ingest('two.csv', 'id,name\nb,two\nc,earlier\nc,two\n', { dataset });
  expect(second).toMatchObject({
    status: 'SUCCEEDED',
    output: { read: 3, loaded: 1, existing: 1, rejected: 0, duplicates: 1 },
    items: [
      { pk: 'ROW#a', name: 'one' },
      { pk: 'ROW#b', name: 'one' },
      { pk: 'ROW#c', name: 'two' },
    ],
  });
  const [a, b, c] = second.items.map(({ _upload }) => _upload);
  expect([a === b, b === c]).toEqual([true, false]);
  expect(JSON.parse(readFileSync(second.report ?? '', 'utf8'))).toMatchObject({ loaded: 1, existing: 1 });
  expect(second.states).toContainEqual(
    expect.objectContaining({
      name: 'LoadChunk',
      counts: { read: 3, rejected: 0, loaded: 1, existing: 1, duplicates: 1 },
    }),
  );
  const again = await pipeline.ingest('two.csv', 'id,name\nb,two\nc,two\n', { dataset });
  expect(again).toMatchObject({ output: { loaded: 0, existing: 2 } });
});

test('the loader may do in each table only what the load of its dataset needs', () => {
  const policies = resources(readStack(pipeline.folder), 'aws_iam_role_policy');
  const { Statement } = z
    .object({ Statement: z.array(z.object({ Action: z.array(z.string()), Resource: z.array(z.string()) })) })
    .parse(parsed(policies['load-to-dynamodb_policy'], 'policy'));
  const table = (name: string) => `\${aws_dynamodb_table.${name}-table.arn}`;
  const onTables = Statement.filter(({ Resource }) => Resource.some((arn) => /(?<!ledger)-table/.test(arn)));
  expect(onTables.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    [['dynamodb:BatchWriteItem'], ['results', 'orders', 'airports'].map(table)],
    [['dynamodb:PutItem'], ['inserted'].map(table)],
  ]);
});

test('the dashboard shows the counts that the load of a dataset can have', () => {
  const [dashboard] = Object.values(resources(readStack(pipeline.folder), 'aws_cloudwatch_dashboard'));
  const body = JSON.stringify(parsed(dashboard, 'dashboard_body'));
  expect(body.match(/(?<="label":")(?:orders|inserted): \w+/g)).toEqual(
    ['orders: loaded', 'orders: rejected', 'orders: duplicates'].concat([
      'inserted: loaded',
      'inserted: existing',
      'inserted: rejected',
      'inserted: duplicates',
    ]),
  );
});
