/** What a plan says, for a file and an index that is in a server's memory. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { AwsRequestError } from '../../../aws/client.ts';
import { text } from '../../../functions/core/dataset/columns.ts';
import { type Dataset, dataset } from '../../../functions/core/dataset/dataset.ts';
import { loadOf } from '../../../functions/core/dataset/load.ts';
import { keyOf } from '../../../functions/core/dataset/shape/table-key.ts';
import { encodeBucket, type KeyedEntry } from '../../../functions/core/feed/entries.ts';
import { writeIndexObject } from '../../../functions/core/feed/index-objects.ts';
import type { Feed, StoredIndex } from '../../../functions/core/messages.ts';
import { itemHash } from '../../../functions/core/table/identity.ts';
import { BUCKETS, bucketOfKey } from '../../../functions/core/working/keys.ts';
import { printResult } from '../../../report/terminal/print.ts';
import { HashedRows } from '../../../tools/data-plan/hashed-rows.ts';
import { type DataPlan, type FollowedFeed, planLoad } from '../../../tools/data-plan/plan.ts';
import { planSummary } from '../../../tools/data-plan/print-plan.ts';
import { csvPipeline } from '../../support/csv-pipeline.ts';
import { memoryS3 } from '../../support/memory-s3.ts';
import { PK } from '../../support/table-key.ts';

const articles = dataset({
  name: 'articles',
  columns: { id: text(), name: text({ required: false }), mail: text({ required: false }) },
  key: 'A#{id}',
  encodings: ['utf-8', 'windows-1252'],
  tolerance: { rows: 3 },
  unique: ['mail'],
  load: { changesOnly: true, feed: 'object' },
});

const memory = memoryS3();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan-test-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => memory.objects.clear());
afterEach(() => jest.restoreAllMocks());

const PLACE = { bucket: 'b', feed: 's3://source/articles/f.csv', id: '7-e' };
const SALT = 'salt';

function entry(id: string, name: string, changes: Partial<KeyedEntry> = {}): KeyedEntry {
  const item = { pk: `A#${id}`, id, name };
  const key = Buffer.from(keyOf(PK, item)).toString('latin1');
  return { key, type: 'W', hash: itemHash(item), counted: true, ...changes };
}

/** Writes an index in two objects, and returns the feed that has it. */
async function feedWith(
  entries: readonly KeyedEntry[],
  changes: Partial<StoredIndex> & Pick<Partial<Feed>, 'last'> = {},
): Promise<FollowedFeed> {
  const buckets: KeyedEntry[][] = Array.from({ length: BUCKETS }, () => []);
  for (const each of entries) {
    buckets[bucketOfKey(Buffer.from(each.key, 'latin1').toString(), SALT)]?.push(each);
  }
  await writeIndexObject(memory.s3, PLACE, 0, buckets.slice(0, 100).map(encodeBucket));
  await writeIndexObject(memory.s3, PLACE, 100, buckets.slice(100).map(encodeBucket));
  const { last = PLACE.id, ...stored } = changes;
  const base = { id: PLACE.id, complete: true, keys: entries.length, salt: SALT, table: 't', ...stored };
  return followed({ last, base, salt: SALT, table: 't', force: false, allowRemovals: false });
}

function followed(feed: Feed): FollowedFeed {
  const { bucket: reportsBucket, feed: name } = PLACE;
  return { s3: memory.s3, reportsBucket, name, uri: name, feed, running: null, isCurrent: async () => true };
}

const FIRST: Feed = { last: null, base: null, salt: SALT, table: 't', force: false, allowRemovals: false };

function plan(
  lines: readonly string[],
  feed: FollowedFeed | undefined,
  of: Dataset = articles,
  encoding: BufferEncoding = 'utf8',
): Promise<DataPlan> {
  const file = join(folder, 'f.csv');
  writeFileSync(file, Buffer.from(lines.join('\n'), encoding));
  return planLoad(file, { dataset: of, maxDecompressedBytes: 1e9 }, feed);
}

/** What a person reads, and what a program does. */
function printed(result: DataPlan) {
  const out = { text: '', json: '' };
  const write = jest.spyOn(process.stdout, 'write');
  for (const name of ['text', 'json'] as const) {
    write.mockImplementation((chunk) => {
      out[name] += chunk;
      return true;
    });
    const cost = { load: 0.001234, allRows: 0.5 };
    printResult({ ...result, object: 's3://source/articles/f.csv', cost }, planSummary, name === 'json');
  }
  write.mockRestore();
  return { ...out, text: stripVTControlCharacters(out.text).replaceAll(/ +$/gm, '') };
}

const HEADER = 'id,name,mail';
const zeros = { add: 0, change: 0, remove: 0, unchanged: 0, kept: 0, rejected: 0 };

test('rows are added, changed or unchanged, and keys that the file lacks are kept', async () => {
  const feed = await feedWith([entry('1', 'a'), entry('2', 'b'), entry('3', 'c'), entry('4', 'd')]);
  const result = await plan([HEADER, '5,e,', '2,new,', '1,a,', ',x,', '4,d,', '6,f,'], feed);
  expect(result).toMatchObject({
    outcome: 'changes',
    error: null,
    index: 'complete',
    plan: { add: 2, change: 1, remove: 0, unchanged: 2, kept: 1, rejected: 1 },
    unknown: 0,
    writes: 3,
    first: {
      add: [
        { key: { pk: 'A#5' }, line: 2 },
        { key: { pk: 'A#6' }, line: 7 },
      ],
      change: [{ key: { pk: 'A#2' }, line: 3 }],
      remove: [],
    },
    accepted: { rows: 5 },
  });
  const { text: shown, json } = printed(result);
  expect(shown.split('\n')).toEqual([
    `${join(folder, 'f.csv')} as s3://source/articles/f.csv`,
    '',
    '2 to add, 1 to change, 0 to remove, 2 unchanged, 1 kept, 1 rejected',
    '',
    'Keys that the feed has in the table and the file lacks are kept.',
    '',
    'To add',
    'line 2  A#5',
    'line 7  A#6',
    '',
    'To change',
    'line 3  A#2',
    '',
    'It would cost about $0.0012; writing every row would cost $0.50, at list prices.',
    '',
  ]);
  expect(JSON.parse(json)).toMatchObject({ plan: result.plan, outcome: 'changes', first: result.first });
});

test('replace: keys that the file lacks are removed, unless a row is rejected or too many would be', async () => {
  const replaced = {
    ...articles,
    load: loadOf({ mode: 'replace', feed: 'object', maxRemoved: { share: 0.5 } }),
  };
  const feed = await feedWith([entry('1', 'a'), entry('3', 'c'), entry('2', 'b', { type: 'S' })]);
  const removing = await plan([HEADER, '1,x,', '4,d,'], feed, replaced);
  const guarded = { ...zeros, add: 1, change: 1, remove: 2 };
  expect(removing).toMatchObject({
    outcome: 'would-fail',
    error: 'RemovalGuardError',
    cause: expect.stringContaining('would remove 2 keys that the file lacks, 2 of them of the 3'),
    plan: guarded,
  });
  expect(printed(removing).text).toContain('1 to add, 1 to change, 2 to remove');
  const one = await plan([HEADER, '1,x,', '3,c,'], feed, replaced);
  expect(one).toMatchObject({
    outcome: 'changes',
    plan: { ...zeros, change: 1, remove: 1, unchanged: 1 },
    writes: 2,
    first: { remove: [{ key: { pk: 'A#2' }, line: null }] },
  });
  expect(printed(one).text).toContain('\n\nTo remove\nA#2\n');
  const rejecting = await plan([HEADER, '1,a,', ',x,'], feed, replaced);
  expect(rejecting).toMatchObject({
    outcome: 'none',
    plan: { ...zeros, unchanged: 1, kept: 2, rejected: 1 },
  });
});

test('a file that the table has already changes nothing', async () => {
  const feed = await feedWith([entry('1', 'a'), entry('2', 'b', { type: 'S' })]);
  expect(await plan([HEADER, '2,b,', '1,a,'], feed)).toMatchObject({
    outcome: 'none',
    plan: { ...zeros, unchanged: 2 },
    writes: 0,
  });
  expect(await plan([HEADER], feed)).toMatchObject({ outcome: 'none', plan: { ...zeros, kept: 2 } });
});

test('the last row of a key counts, and none if a later row has the same value of a unique column', async () => {
  const feed = await feedWith([entry('1', 'a'), entry('2', 'b')]);
  const lines = [HEADER, '1,x,', '2,b,m@x', '1,a,', '2,b,n@x', '3,c,n@x'];
  // The second row with key 2 is rejected because of its mail, and the first because of its key.
  expect(await plan(lines, feed)).toMatchObject({
    plan: { ...zeros, add: 1, unchanged: 1, kept: 1, rejected: 1 },
    accepted: { rows: 5 },
  });
});

test('of many keys, the first ten lines are listed, and the number of the others', async () => {
  const ids = Array.from({ length: 1_500 }, (_, id) => String(id));
  const result = await plan([HEADER, ...ids.map((id) => `${id},x,`)], followed(FIRST));
  expect(result).toMatchObject({ index: 'first', outcome: 'changes', plan: { ...zeros, add: 1_500 } });
  expect(result.first.add.map(({ key, line }) => [key, line])).toEqual(
    ids.slice(0, 10).map((id) => [{ pk: `A#${id}` }, Number(id) + 2]),
  );
  const { text: shown } = printed(result);
  expect(shown).toContain('1,500 to add, 0 to change');
  expect(shown).toContain('line 11  A#9\n… and 1,490 more\n');
  expect(shown).toContain('every row is written, and nothing is removed.');
});

test.each([
  ['unfinished', { complete: false }, 'The last load is not complete.', 1],
  ['outdated', { last: '8-other' }, 'without an index since', 2],
  ['invalid', { table: 'another' }, 'The table was created again, or the key templates have changed', 2],
] as const)(
  '%s: what is not known of the table is said, and counts as a change',
  async (index, changes, note, unknown) => {
    const feed = await feedWith([entry('1', 'a'), entry('2', 'b', { type: 'S' })], changes);
    const result = await plan([HEADER, '1,a,', '2,b,', '3,c,'], feed);
    expect(result).toMatchObject({
      index,
      plan: { ...zeros, add: 1, change: unknown, unchanged: 2 - unknown },
      unknown,
    });
    const { text: shown } = printed({ ...result, running: 'exe-1' });
    expect(shown).toContain(note);
    expect(shown).toContain(`Changes to items whose content in the table is not known: ${unknown}.`);
    expect(shown).toContain('The execution exe-1 is working on an upload of this feed.');
  },
);

test('a dataset without an index: all that is certain is that every row is written', async () => {
  const { feed: _, ...load } = articles.load;
  const other = { ...articles, load: { ...load, feed: undefined } };
  const result = await plan([HEADER, '1,a,', '1,b,', ',x,'], undefined, other);
  expect(result).toMatchObject({
    outcome: 'changes',
    index: 'none',
    plan: { add: null, change: null, remove: null, unchanged: null, kept: null, rejected: 1 },
    unknown: null,
    writes: 1,
  });
  expect(printed(result).text).toContain('1 to write, 1 rejected\n\nThe dataset has no index');
  expect(await plan([HEADER], undefined, other)).toMatchObject({ outcome: 'none', writes: 0 });
});

test('a file that would be refused would fail, and nothing is read of the index', async () => {
  const feed = await feedWith([entry('1', 'a')]);
  memory.objects.clear();
  const rejected = await plan([HEADER, ',a,', ',b,', ',c,', ',d,', '1,a,'], feed);
  expect(rejected).toMatchObject({ outcome: 'would-fail', error: 'ValidationError', writes: 0 });
  expect(rejected.plan).toMatchObject({ add: null, rejected: 4 });
  expect(printed(rejected).text).toContain('The load would fail: ValidationError: 4 of 5 rows are rejected');
  expect(await plan(['x,y'], feed)).toMatchObject({ outcome: 'would-fail', error: 'HeaderError' });
});

test('an index that is missing would make the load fail, unless another load has replaced it', async () => {
  const feed = await feedWith([entry('1', 'a')]);
  memory.objects.delete([...memory.objects.keys()].at(-1) ?? '');
  const lines = [HEADER, '1,a,'];
  expect(await plan(lines, feed)).toMatchObject({
    outcome: 'would-fail',
    error: 'IndexMissingError',
    cause: expect.stringMatching(/^The index of what the feed of s3:\/\/source.* but 1 were written/),
    plan: { add: null },
  });
  const fewer = await feedWith([entry('1', 'a')], { keys: 2 });
  expect(await plan(lines, fewer)).toMatchObject({ error: 'IndexMissingError' });
  await expect(plan(lines, { ...fewer, isCurrent: async () => false })).rejects.toThrow(
    'Another load of s3://source/articles/f.csv has begun while its index was read. Run the command again.',
  );
});

test('an index that cannot be read is an error with a message, and no missing index', async () => {
  const feed = await feedWith([entry('1', 'a')]);
  for (const [key, object] of memory.objects) memory.objects.set(key, object.subarray(0, -1));
  await expect(plan([HEADER, '1,a,'], feed)).rejects.toThrow(AwsRequestError);
});

test('a file that is read again in another encoding is compared once', async () => {
  const feed = await feedWith([entry('1', 'Zoë')]);
  expect(await plan([HEADER, '1,Zoë,', '2,x,'], feed, articles, 'latin1')).toMatchObject({
    plan: { ...zeros, add: 1, unchanged: 1 },
    accepted: { rows: 2 },
  });
});

test('no control character of a key reaches the terminal, and long keys are shortened', async () => {
  const { text: shown } = printed(await plan([HEADER, `\u001B[2J${'k'.repeat(99)},a,`], followed(FIRST)));
  expect(shown).toContain(String.raw`A#\u001b[2Jkkk`);
  expect(shown).toMatch(/k…$/m);
  expect(shown).not.toContain('k'.repeat(70));
});

test('rows in several runs are found by their buckets, the last of each key alone, and no file is left', () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('csv-pipeline-'));
  const rows = new HashedRows(PK, SALT, 7);
  for (const pass of [1, 2]) {
    rows.begin();
    for (let line = 0; line < 100; line += 1) {
      rows.add({ pk: `${pass}#${line % 40}` }, { line });
    }
  }
  rows.leaveOut(99);
  expect(rows.runs()).toHaveLength(15);
  const found = [0, 300, 700].flatMap((from, index) => [...rows.rows(from, [300, 700, BUCKETS][index] ?? 0)]);
  expect(found.map(({ row }) => row).sort((one, other) => one - other)).toEqual(
    Array.from({ length: 40 }, (_, row) => row + (row < 20 ? 80 : 40))
      .filter((row) => row !== 99)
      .sort((one, other) => one - other),
  );
  const [first] = found;
  const key =
    Buffer.from(first?.key ?? '', 'latin1')
      .toString()
      .split('\0')[0] ?? '';
  expect(key).toMatch(/^2#/);
  expect(first?.hash).toBe(itemHash({ pk: key }));
  rows.close();
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith('csv-pipeline-'));
  expect(after.filter((name) => !before.includes(name))).toEqual([]);
});

describe('the command, for a dataset without an index', () => {
  const run = (lines: readonly string[], ...args: readonly string[]) => {
    const file = join(folder, 'command.csv');
    writeFileSync(file, lines.join('\n'));
    return csvPipeline('data-plan', file, '--env', 'dev', ...args);
  };
  const header = 'id,name,amount,date';
  const row = '1,Ada,1.5,2024-01-01';

  test.each([
    ['2 if rows are written', [header, row], 2, '1 to write, 0 rejected'],
    ['0 if there are none', [header], 0, '0 to write, 0 rejected'],
    ['1 if the load would fail', [header, row, '2'], 1, 'The load would fail: ValidationError'],
  ])('its exit code is %s', async (_, lines, expected, shown) => {
    const { code, stdout, stderr } = await run(lines);
    expect(stripVTControlCharacters(stdout)).toContain(shown);
    expect({ code, stderr }).toEqual({ code: expected, stderr: '' });
  });

  test('the key is that of the file under the prefix, or the one that is given, and must be of the dataset', async () => {
    const { stdout } = await run([header, row], '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      object: 's3://csv-pipeline-dev-source-111122223333/command.csv',
      plan: { add: null, rejected: 0 },
      cost: { load: expect.any(Number) },
    });
    const other = await run([header, row], '--key', 'today/a.csv');
    expect(other.stdout).toContain('as s3://csv-pipeline-dev-source-111122223333/today/a.csv');
    expect(await run([header, row], '--key', 'orders/a.csv')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('The key "orders/a.csv" is one of orders, so a file with that key'),
    });
    expect(await run([header, row], '--dataset', 'orders', '--key', 'a.csv')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The key "a.csv" does not start with "orders/"'),
    });
  });
});
