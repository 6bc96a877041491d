import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { findItems } from '../../../aws/items.ts';
import type { TableKey } from '../../../functions/core/dataset/shape/table-key.ts';
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

test('newest: a load that is repeated changes nothing that a newer upload wrote, even if it is forced', async () => {
  const { sourceBucket: bucket } = pipeline.stack.synthesized;
  const forced = (name: string) => ({ bucket, key: `newest/${name}`, force: true });
  const older = await pipeline.upload('newest/older.csv', 'id,name\na,older\nb,older\n');
  await pipeline.stack.execute(older);
  // S3 reports whole seconds; of uploads within one, that is the newer whose key has the greater hash.
  const second = await pipeline.upload('newest/newer.csv', 'id,name\nb,newer\nc,newer\n');
  const newer = await pipeline.stack.execute(second);
  expect(newer).toMatchObject({ output: { read: 2, loaded: 2, stale: 0 } });
  const again = await pipeline.stack.execute(forced('older.csv'));
  expect(again).toMatchObject({ output: { read: 2, loaded: 1, stale: 1 } });
  const items = await pipeline.items('newest');
  expect(items.map(({ pk, name }) => [pk, name])).toEqual([
    ['ROW#a', 'older'],
    ['ROW#b', 'newer'],
    ['ROW#c', 'newer'],
  ]);
  const [a, b, c] = items.map(({ uploaded_at }) => String(uploaded_at));
  expect([String(a) < String(b), b === c]).toEqual([true, true]);
  const both = await pipeline.stack.execute(forced('newer.csv'));
  expect(both).toMatchObject({ output: { read: 2, loaded: 2, stale: 0 } });
});

test("merge: the file's columns are set, and nothing else of an item is changed", async () => {
  const dataset = 'merged';
  await pipeline.stack.endpoints.dynamodb.send(
    new PutItemCommand({
      TableName: pipeline.table('-merged').name,
      Item: { pk: { S: 'ROW#a' }, name: { S: 'theirs' }, stock: { N: '7' } },
    }),
  );
  const notes = await pipeline.ingest('notes.csv', 'id,note\na,one\nb,one\n', { dataset });
  expect(notes).toMatchObject({ output: { read: 2, loaded: 2 } });
  const names = await pipeline.ingest('names.csv', 'id,name,note\nb,two,\nc,two,two\n', { dataset });
  expect(names).toMatchObject({ output: { read: 2, loaded: 2 } });
  expect(names.items).toEqual([
    { pk: 'ROW#a', id: 'a', name: 'theirs', note: 'one', stock: 7 },
    { pk: 'ROW#b', id: 'b', name: 'two' },
    { pk: 'ROW#c', id: 'c', name: 'two', note: 'two' },
  ]);
});

test('operation: rows delete the items of their keys, and the last row of a key counts', async () => {
  const dataset = 'changed';
  const first = await pipeline.ingest('one.csv', 'op,id,name,note\nI,a,one,x\nI,b,one,x\nI,c,one,x\n', {
    dataset,
  });
  expect(first).toMatchObject({ output: { read: 3, loaded: 3, deleted: 0 } });
  const changes = 'op,id,name,note\nU,a,two,x\nD,a,,\nD,b,,\nI,b,two,x\nD,d,,\n';
  const second = await pipeline.ingest('two.csv', changes, { dataset });
  expect(second).toMatchObject({
    status: 'SUCCEEDED',
    output: { read: 5, loaded: 1, deleted: 2, rejected: 0, duplicates: 2 },
  });
  expect(second.items).toEqual([
    { pk: 'ROW#b', id: 'b', name: 'two', note: 'x' },
    { pk: 'ROW#c', id: 'c', name: 'one', note: 'x' },
  ]);
  expect(JSON.parse(readFileSync(second.report ?? '', 'utf8'))).toMatchObject({ loaded: 1, deleted: 2 });
});

test('changesOnly: rows are written only where they differ from what the feed has in the table', async () => {
  const dataset = 'followed';
  const { sourceBucket: bucket, reportsBucket } = pipeline.stack.synthesized;
  const counts = (read: number, loaded: number, unchanged: number) => ({
    status: 'SUCCEEDED',
    output: { read, loaded, unchanged },
  });
  const first = await pipeline.ingest('feed.csv', 'id,name\na,one\nb,one\nb,two\n', { dataset });
  expect(first).toMatchObject(counts(3, 2, 0));
  const second = await pipeline.ingest('feed.csv', 'id,name\nc,one\nb,two\na,two\n', { dataset });
  expect(second).toMatchObject(counts(3, 2, 1));
  expect(second.items).toMatchObject([
    { pk: 'ROW#a', name: 'two' },
    { pk: 'ROW#b', name: 'two' },
    { pk: 'ROW#c', name: 'one' },
  ]);
  expect(JSON.parse(readFileSync(second.report ?? '', 'utf8'))).toMatchObject({ loaded: 2, unchanged: 1 });
  // A key that a file lacks stays, and the next file finds it unchanged.
  expect(await pipeline.ingest('feed.csv', 'id,name\nc,one\n', { dataset })).toMatchObject(counts(1, 0, 1));
  const changed = await pipeline.ingest('feed.csv', 'id,name\na,two\nb,\nc,\n', { dataset });
  expect(changed).toMatchObject(counts(3, 2, 1));
  // Another object is another feed.
  const other = await pipeline.ingest('other.csv', 'id,name\na,two\n', { dataset });
  expect(other).toMatchObject(counts(1, 1, 0));
  expect(second).toMatchObject({ output: { shares_keys_with: null, warnings: [] } });
  const shared = expect.stringMatching(
    /^Some keys of this file are also keys of followed\/feed\.csv, .*feed: 'dataset'/,
  );
  expect(other).toMatchObject({ output: { shares_keys_with: 'followed/feed.csv', warnings: [shared] } });
  expect(JSON.parse(readFileSync(other.report ?? '', 'utf8'))).toMatchObject({ warnings: [shared] });
  const forced = await pipeline.stack.execute({ bucket, key: 'followed/feed.csv', force: true });
  expect(forced).toMatchObject(counts(3, 3, 0));
  const { Contents = [] } = await pipeline.stack.endpoints.s3.send(
    new ListObjectsV2Command({ Bucket: reportsBucket, Prefix: 'indexes/' }),
  );
  const ids = (part: number, isSample: boolean) =>
    Contents.map(({ Key = '' }) => Key.split('/'))
      .filter((parts) => (parts[1] === 'samples') === isSample)
      .map((parts) => parts[part]?.split('-')[0])
      .sort();
  expect(ids(2, false)).toEqual(['1', '5']);
  expect(ids(4, true)).toEqual(['1', '5']);
});

test('replace: the table has what the newest file has, and a load that would remove too much fails', async () => {
  const dataset = 'replaced';
  const { sourceBucket: bucket } = pipeline.stack.synthesized;
  const load = (rows: string) => pipeline.ingest('export.csv', `id,name\n${rows}`, { dataset });
  const first = await load('a,one\nb,one\nc,one\n');
  expect(first).toMatchObject({
    output: { loaded: 3, added: 3, changed: 0, unchanged: 0, removed: 0, kept: 0 },
  });
  const second = await load('a,one\nd,one\nc,two\n');
  expect(second).toMatchObject({
    status: 'SUCCEEDED',
    output: { read: 3, loaded: 2, added: 1, changed: 1, unchanged: 1, removed: 1, kept: 0 },
    items: [
      { pk: 'ROW#a', name: 'one' },
      { pk: 'ROW#c', name: 'two' },
      { pk: 'ROW#d', name: 'one' },
    ],
  });
  expect(JSON.parse(readFileSync(second.report ?? '', 'utf8'))).toMatchObject({
    added: 1,
    changed: 1,
    removed: 1,
    kept: 0,
    files: ['changes.csv'],
  });
  expect(second.states).toContainEqual(
    expect.objectContaining({ name: 'RemoveMissing', counts: { removed: 1 } }),
  );
  expect(basename(first.changesReport ?? '')).toBe('changes.csv');
  expect(second).toMatchObject({
    output: { changes: expect.stringMatching(/^reports\/replaced\/.*\/changes\.csv$/) },
  });
  const listed = readFileSync(second.changesReport ?? '', 'utf8');
  expect(listed).toMatch(/^pk,_change\n/);
  expect(listed.trim().split('\n').slice(1).sort()).toEqual([
    'ROW#b,removed',
    'ROW#c,changed',
    'ROW#d,added',
  ]);
  // A rejected row may be one of those that seem to be missing.
  const third = await load('a,one\nb,\nc,two\n');
  expect(third).toMatchObject({
    output: { loaded: 0, unchanged: 2, rejected: 1, removed: 0, kept: 1, changes: null },
    changesReport: null,
  });
  const truncated = await load('a,one\n');
  expect(truncated).toMatchObject({
    status: 'FAILED',
    error: 'RemovalGuardError',
    cause: expect.stringMatching(
      /would remove 2 keys.* 2 of them of the 3 .*at most 50 %.*"allowRemovals": true/,
    ),
  });
  expect(truncated.items).toHaveLength(3);
  const start = { bucket, key: 'replaced/export.csv', allowRemovals: true };
  const allowed = await pipeline.stack.execute(start);
  expect(allowed).toMatchObject({ output: { loaded: 0, unchanged: 1, removed: 2, kept: 0 } });
  expect(await pipeline.items(dataset)).toMatchObject([{ pk: 'ROW#a' }]);
  expect(await load('')).toMatchObject({ status: 'FAILED', error: 'RemovalGuardError' });
});

test('keys of other names and types are written, compared, deleted and merged', async () => {
  const dataset = 'shaped';
  const load = (rows: string) => pipeline.ingest('lines.csv', `id,line,name\n${rows}`, { dataset });
  expect(await load('a,1,one\na,10,one\na,2,one\na,2,two\n')).toMatchObject({
    output: { loaded: 3, duplicates: 1 },
  });
  const second = await load('a,10,one\na,2,three\n');
  const line = (number: number, name: string) => ({
    id: 'a',
    'line#': number,
    line: number,
    article: { name },
    entity: 'LINE',
    byName_pk: `NAME#${name}`,
    search: name.toUpperCase(),
  });
  expect(second).toMatchObject({ output: { read: 2, loaded: 1, unchanged: 1, removed: 1 } });
  expect(second.items).toEqual([line(10, 'one'), line(2, 'three')]);
  const { dynamodb } = pipeline.stack.endpoints;
  const found = await dynamodb.send(
    new QueryCommand({
      TableName: pipeline.table('-shaped').name,
      IndexName: 'byName',
      KeyConditionExpression: 'byName_pk = :name AND line > :line',
      ExpressionAttributeValues: { ':name': { S: 'NAME#three' }, ':line': { N: '1' } },
    }),
  );
  const keys = { id: { S: 'a' }, 'line#': { N: '2' }, byName_pk: { S: 'NAME#three' }, line: { N: '2' } };
  expect(found.Items).toEqual([{ ...keys, entity: { S: 'LINE' } }]);
  const fresh = await pipeline.ingest('new.csv', 'id\na\n', { dataset: 'shaped-new' });
  const from = { key: 'shaped-new/new.csv', version: expect.stringMatching(/./) };
  expect(fresh.items).toMatchObject([{ pk: 'a', from: { ...from, time: expect.stringMatching(/^20.*Z$/) } }]);
  const documents = DynamoDBDocumentClient.from(dynamodb);
  const part: TableKey = [{ name: 'id', type: 'N', template: '{id}' }];
  const shown = (key?: string) =>
    findItems(documents, pipeline.table('-shaped-part').name, { name: 'part', key: part }, { key, limit: 2 });
  const merged = { dataset: 'shaped-part' };
  await pipeline.ingest('names.csv', 'id,name\n7,one\n8,one\n', merged);
  await pipeline.ingest('ids.csv', 'id\n7\n9\n', merged);
  const last = await pipeline.ingest('names.csv', 'id,name\n8,\n', merged);
  expect(last.items).toEqual([
    { id: 7, title: 'one', entity: 'PART', expires: expect.any(Number) },
    { id: 8, entity: 'PART', expires: expect.any(Number) },
    { id: 9, entity: 'PART', expires: expect.any(Number) },
  ]);
  expect(await shown('7')).toMatchObject({ items: [{ title: 'one' }], more: false });
  expect(await shown()).toMatchObject({ items: [{ entity: 'PART' }, { entity: 'PART' }], more: true });
  await expect(shown('x')).rejects.toThrow('The key "x" is not a number, which the attribute id has.');
});

test('a table has the indexes and the TTL that its dataset declares', () => {
  const tables = resources(readStack(pipeline.folder), 'aws_dynamodb_table');
  expect(tables['shaped-table']).toMatchObject({
    hash_key: 'id',
    range_key: 'line#',
    attribute: [
      { name: 'id', type: 'S' },
      { name: 'line#', type: 'N' },
      { name: 'byName_pk', type: 'S' },
      { name: 'line', type: 'N' },
    ],
    global_secondary_index: [
      {
        name: 'byName',
        hash_key: 'byName_pk',
        range_key: 'line',
        projection_type: 'INCLUDE',
        non_key_attributes: ['entity'],
      },
    ],
  });
  expect(tables['shaped-table']).not.toHaveProperty('ttl');
  expect(tables['shaped-part-table']).toMatchObject({ ttl: { attribute_name: 'expires', enabled: true } });
});

test('the loader may do in each table only what the load of its dataset needs', () => {
  const policies = resources(readStack(pipeline.folder), 'aws_iam_role_policy');
  const { Statement } = z
    .object({ Statement: z.array(z.object({ Action: z.array(z.string()), Resource: z.array(z.string()) })) })
    .parse(parsed(policies['load-to-dynamodb_policy'], 'policy'));
  const table = (name: string) => `\${aws_dynamodb_table.${name}-table.arn}`;
  const onTables = Statement.filter(({ Resource }) => Resource.some((arn) => /(?<!ledger)-table/.test(arn)));
  expect(onTables.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    [
      ['dynamodb:BatchWriteItem'],
      ['results', 'orders', 'airports', 'changed', 'followed', 'replaced', 'dated', 'shaped', 'articles'].map(
        table,
      ),
    ],
    [['dynamodb:PutItem'], ['inserted', 'newest', 'shaped-new'].map(table)],
    [['dynamodb:UpdateItem'], ['merged', 'changed-part', 'shaped-part'].map(table)],
    [['dynamodb:DeleteItem'], ['changed-part'].map(table)],
  ]);
});

test('indexes are in the reports bucket, only the functions that need them may use them, and nothing expires them', () => {
  const stack = readStack(pipeline.folder);
  const policies = Object.entries(resources(stack, 'aws_iam_role_policy'));
  const using = policies.filter(([, policy]) => JSON.stringify(policy).includes('indexes/*'));
  const reports = '${aws_s3_bucket.reports_bucket.arn}';
  const allow = (...Action: string[]) => ({
    Effect: 'Allow',
    Action,
    Resource: [`${reports}/indexes/*`],
  });
  const list = {
    ...allow('s3:ListBucket'),
    Resource: [reports],
    Condition: { StringLike: { 's3:prefix': 'indexes/*' } },
  };
  const statements = using.map(([name, policy]) => {
    const { Statement } = z.object({ Statement: z.array(z.unknown()) }).parse(parsed(policy, 'policy'));
    return [name, Statement.filter((statement) => JSON.stringify(statement).includes('indexes/*'))];
  });
  expect(statements).toEqual([
    ['compare-index_policy', [allow('s3:GetObject'), list, allow('s3:PutObject')]],
    ['reconcile-load_policy', [allow('s3:DeleteObject'), list]],
  ]);
  const { rule } = z
    .object({ rule: z.array(z.object({ id: z.string(), expiration: z.optional(z.unknown()) })) })
    .parse(resources(stack, 'aws_s3_bucket_lifecycle_configuration').reports_lifecycle);
  const expiring = rule.filter(({ expiration }) => expiration !== undefined);
  expect(expiring.map(({ id }) => id)).toEqual(['expire-reports', 'expire-working']);
});

/** What a plan reads of a feed. */
test('an undo loads the former version by what differs, and the upload that it undoes does not come back', async () => {
  const { sourceBucket: bucket } = pipeline.stack.synthesized;
  const key = 'followed/undone.csv';
  const former = await pipeline.upload(key, 'id,name\nu1,one\nu2,one\n');
  await pipeline.stack.execute(former);
  const wrong = await pipeline.upload(key, 'id,name\nu1,one\nu2,wrong\n');
  await pipeline.stack.execute(wrong);
  const versionOf = (event: unknown) =>
    z.looseObject({ 'version-id': z.string() }).parse(event)['version-id'];
  const input = { bucket, key, versionId: versionOf(former), undo: versionOf(wrong) };
  const undone = await pipeline.stack.execute(input);
  expect(undone).toMatchObject({ status: 'SUCCEEDED', output: { read: 2, loaded: 1, unchanged: 1 } });
  const items = await pipeline.items('followed');
  expect(items.filter(({ id }) => /^u/.test(String(id)))).toMatchObject([
    { id: 'u1', name: 'one' },
    { id: 'u2', name: 'one' },
  ]);
  for (const start of [wrong, { bucket, key }]) {
    const again = await pipeline.stack.execute(start);
    expect(again).toMatchObject({
      output: { outcome: 'superseded', message: expect.stringContaining('was undone') },
    });
  }
  const inserted = { bucket, key: 'inserted/one.csv', versionId: 'v', undo: 'w' };
  expect(await pipeline.stack.execute(inserted)).toMatchObject({
    error: 'InvalidInputError',
    cause: expect.stringMatching(/ cannot be undone: .* Upload a file that corrects the items\./),
  });
});

test('the dashboard shows the counts that the load of a dataset can have', () => {
  const [dashboard] = Object.values(resources(readStack(pipeline.folder), 'aws_cloudwatch_dashboard'));
  const body = JSON.stringify(parsed(dashboard, 'dashboard_body'));
  expect(body.match(/(?<="label":")(?:orders|inserted|newest|changed|followed|replaced): \w+/g)).toEqual(
    ['orders: loaded', 'orders: rejected', 'orders: duplicates'].concat([
      'inserted: loaded',
      'inserted: existing',
      'inserted: rejected',
      'inserted: duplicates',
      'newest: loaded',
      'newest: stale',
      'newest: rejected',
      'newest: duplicates',
      'changed: loaded',
      'changed: deleted',
      'changed: rejected',
      'changed: duplicates',
      'followed: loaded',
      'followed: unchanged',
      'followed: added',
      'followed: changed',
      'followed: kept',
      'followed: rejected',
      'followed: duplicates',
      'replaced: loaded',
      'replaced: unchanged',
      'replaced: added',
      'replaced: changed',
      'replaced: removed',
      'replaced: kept',
      'replaced: rejected',
      'replaced: duplicates',
    ]),
  );
});
