/** How a load changes the table where something is unusual; `modes.ts` has the usual case of each mode. */

import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { resourceNames } from '../../../../aws/uploads/resources.ts';
import { environment } from '../../../../environments/index.ts';
import { text } from '../../../../functions/core/dataset/columns.ts';
import { dataset } from '../../../../functions/core/dataset/dataset.ts';
import { readFeed } from '../../../../tools/data-plan/read-feed.ts';
import { type Pipeline, sharedPipeline } from '../../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

test('operation and merge: rows change or delete the items of their keys', async () => {
  const dataset = 'changed-part';
  await pipeline.ingest('one.csv', 'op,id,name,note\nI,a,one,x\nI,b,one,x\n', { dataset });
  const second = await pipeline.ingest('two.csv', 'op,id,name\nU,a,two\nD,b,\n', { dataset });
  expect(second).toMatchObject({ output: { read: 2, loaded: 1, deleted: 1 } });
  expect(second.items).toEqual([{ pk: 'ROW#a', id: 'a', name: 'two', note: 'x' }]);
});

test('changesOnly: without its index, nothing is known of the table, and only a forced load goes on', async () => {
  const dataset = 'followed';
  const { sourceBucket: bucket, reportsBucket: Bucket } = pipeline.stack.synthesized;
  await pipeline.ingest('lost.csv', 'id,name\na,one\nb,one\n', { dataset });
  const { s3 } = pipeline.stack.endpoints;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'indexes/' }));
  for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  const next = await pipeline.ingest('lost.csv', 'id,name\na,one\nb,two\n', { dataset });
  expect(next).toMatchObject({
    status: 'FAILED',
    error: 'IndexMissingError',
    cause: expect.stringMatching(/has 0 entries, but 2 were written.*"force": true/),
  });
  const forced = await pipeline.stack.execute({ bucket, key: 'followed/lost.csv', force: true });
  expect(forced).toMatchObject({ output: { loaded: 2, unchanged: 0 } });
  const after = await pipeline.ingest('lost.csv', 'id,name\na,one\nb,two\nc,two\n', { dataset });
  expect(after).toMatchObject({ output: { loaded: 1, unchanged: 2 } });
});

test('changesOnly: in a table that is created again, every row is written', async () => {
  const dataset = 'followed';
  const content = 'id,name\na,one\nb,one\n';
  await pipeline.ingest('again.csv', content, { dataset });
  const table = pipeline.table('-followed');
  await pipeline.dropTable(table);
  await pipeline.createTable(table);
  const again = await pipeline.ingest('again.csv', `${content}\n`, { dataset });
  expect(again).toMatchObject({
    output: { loaded: 2, unchanged: 0 },
    items: [{ pk: 'ROW#a' }, { pk: 'ROW#b' }],
  });
});

test('replace: the report of a file is refused, which has some of its rows', async () => {
  const dataset = 'replaced';
  const { rejectedReport } = await pipeline.ingest('some.csv', 'id,name\na,one\nb,\n', { dataset });
  const report = readFileSync(rejectedReport ?? '', 'utf8');
  expect(report).toContain('_source_loaded');
  const uploaded = await pipeline.ingest('some.csv', report, { dataset });
  const cause = expect.stringMatching(/mode is "replace".*csv-pipeline merge FILE/);
  expect(uploaded).toMatchObject({ status: 'FAILED', error: 'HeaderError', cause });
});

test('the files of a dataset that are one feed follow each other, whatever their names', async () => {
  const { sourceBucket: bucket } = pipeline.stack.synthesized;
  const keyOf = (day: number) => `dated/day-${day}.csv`;
  const versionOf = (event: unknown) =>
    z.looseObject({ 'version-id': z.string() }).parse(event)['version-id'];
  const former = await pipeline.upload(keyOf(1), 'id,name\na,one\nb,one\nc,one\n');
  const first = await pipeline.stack.execute(former);
  expect(first).toMatchObject({ output: { added: 3, changed: 0, removed: 0, kept: 0 } });
  const wrong = await pipeline.upload(keyOf(2), 'id,name\na,one\nb,two\nd,one\n');
  const second = await pipeline.stack.execute(wrong);
  expect(second).toMatchObject({ output: { added: 1, changed: 1, unchanged: 1, removed: 1, kept: 0 } });
  const names = async () => (await pipeline.items('dated')).map(({ id, name }) => `${id} ${name}`);
  expect(await names()).toEqual(['a one', 'b two', 'd one']);

  for (const start of [former, { bucket, key: keyOf(1) }]) {
    expect(await pipeline.stack.execute(start)).toMatchObject({
      output: {
        outcome: 'superseded',
        message: expect.stringMatching(/has a newer upload of the dataset of s3:.*day-1\.csv/),
        recorded: { status: 'LOADED', source_key: keyOf(2) },
      },
    });
  }
  const undo = { bucket, key: keyOf(1), versionId: versionOf(former), undo: versionOf(wrong) };
  expect(await pipeline.stack.execute(undo)).toMatchObject({
    output: { added: 1, changed: 1, unchanged: 1, removed: 1 },
  });
  expect(await names()).toEqual(['a one', 'b one', 'c one']);
  for (const start of [wrong, { bucket, key: keyOf(2) }]) {
    expect(await pipeline.stack.execute(start)).toMatchObject({
      output: { outcome: 'superseded', message: expect.stringContaining('was undone') },
    });
  }
  const items = (await pipeline.ledger()).filter((item) => /dated/.test(item));
  expect(items).toEqual([expect.stringContaining('["pk",{"S":"dataset:dated"}]')]);
});

test('changesOnly: data-plan says what the next load of the feed does, and writes nothing', async () => {
  const dataset = 'followed';
  const { stack, folder } = pipeline;
  const program = resolve(folder, '../../..');
  for (const room of ['aws', 'bench', 'cli', 'report', 'tools']) {
    cpSync(join(__dirname, '../../../..', room), join(program, room), { recursive: true });
  }
  const settings = join(program, 'environments/local.ts');
  // The embedded S3 has other credentials than the emulators.
  writeFileSync(settings, readFileSync(settings, 'utf8').replace('emulated: true', 'emulated: false'));
  const planOf = (file: string) => {
    const args = [file, '--dataset', dataset, '--env', 'local', '--json'];
    const { stdout, stderr, status } = spawnSync(process.execPath, ['cli/index.ts', 'data-plan', ...args], {
      cwd: program,
      env: { ...process.env, ...stack.endpoints.variables },
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return { status, ...JSON.parse(stdout) };
  };
  await pipeline.ingest('planned.csv', 'id,name\na,one\nb,one\nc,one\n', { dataset });
  const content = 'id,name\nb,two\nd,one\n,x\na,zero\na,one\n';
  const file = pipeline.write('planned.csv', content);
  const ledger = await pipeline.ledger();
  const plan = planOf(file);
  expect(plan).toMatchObject({
    status: 2,
    outcome: 'changes',
    index: 'complete',
    object: `s3://${stack.synthesized.sourceBucket}/followed/planned.csv`,
    plan: { add: 1, change: 1, remove: 0, unchanged: 1, kept: 1, rejected: 1 },
    first: {
      add: [{ key: { pk: 'ROW#d' }, line: 3 }],
      change: [{ key: { pk: 'ROW#b' }, line: 2 }],
      remove: [],
    },
  });
  expect(plan.cost.load).toBeGreaterThan(0);
  expect(await pipeline.ledger()).toEqual(ledger);
  const { add, change, unchanged, kept, rejected } = plan.plan;
  expect(await pipeline.ingest('planned.csv', content, { dataset })).toMatchObject({
    output: { loaded: add + change, added: add, changed: change, unchanged, kept, rejected },
  });
});

function followedFeed(key: string) {
  const { endpoints, synthesized } = pipeline.stack;
  const resources = {
    ...resourceNames(environment('local')),
    tables: Object.fromEntries(synthesized.datasets.map(({ name, table }) => [name, table])),
    s3: endpoints.s3,
    dynamodb: DynamoDBDocumentClient.from(endpoints.dynamodb),
  };
  const followed = dataset({ name: 'followed', columns: { id: text() }, key: 'ROW#{id}' });
  return readFeed(resources, followed, key);
}

test('changesOnly: a load without an index in between leaves nothing that is known', async () => {
  const dataset = 'followed';
  const content = 'id,name\na,one\nb,one\n';
  await pipeline.ingest('blind.csv', content, { dataset });
  const other = pipeline.ledgerEntry('followed/blind.csv', 'other');
  const upload = { etag: 'other', modified: 0 };
  const soon = Date.now() + 3_600_000;
  await other.claim(upload, soon, async () => true, { started: Date.now(), force: true });
  const before = await followedFeed('followed/blind.csv');
  expect(before).toMatchObject({ running: 'other', feed: { last: expect.stringMatching(/^1-/) } });
  expect(await other.beginLoad(soon)).toBe('2-other');
  expect([await before.isCurrent(), before.feed.base?.id]).toEqual([false, before.feed.last]);
  await other.fail('Error');
  const after = await followedFeed('followed/blind.csv');
  expect(after).toMatchObject({ running: null, feed: { ...before.feed, last: '2-other' } });
  expect(await after.isCurrent()).toBe(true);
  const next = await pipeline.ingest('blind.csv', `${content}\n`, { dataset });
  expect(next).toMatchObject({ output: { loaded: 2, unchanged: 0 } });
  const last = await pipeline.ingest('blind.csv', `${content}\n\n`, { dataset });
  expect(last).toMatchObject({ output: { loaded: 0, unchanged: 2 } });
});
