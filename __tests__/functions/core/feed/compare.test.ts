/**
 * Sequences of files of a feed, whose loads complete or die half-way: what is skipped and removed leaves the table as the
 * last file that was loaded has it.
 */

import { hash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import type { TableKey } from '../../../../functions/core/dataset/shape/table-key.ts';
import { bucketRanges, type Compared, compareBuckets } from '../../../../functions/core/feed/compare.ts';
import { entriesOf, NO_CHANGES, sum } from '../../../../functions/core/feed/difference.ts';
import { encodeBucket } from '../../../../functions/core/feed/entries.ts';
import {
  type IndexPlace,
  openIndex,
  readIndex,
  writeIndexObject,
} from '../../../../functions/core/feed/index-objects.ts';
import type { IndexChanges } from '../../../../functions/core/messages.ts';
import type { ChangedKey } from '../../../../functions/core/working/changed-keys.ts';
import { BUCKETS, type KeyRun, KeyWriter, openRun } from '../../../../functions/core/working/keys.ts';
import { memoryS3 } from '../../../support/memory-s3.ts';
import { PK, PK_AND_SK } from '../../../support/table-key.ts';

const memory = memoryS3();
beforeEach(() => memory.objects.clear());

interface Row {
  readonly key: string;
  readonly value: number;
}

interface File {
  readonly rows: readonly Row[];
  /** Rows of each chunk. */
  readonly chunkRows: number;
  readonly rejected: boolean;
  readonly force: boolean;
  /** Share of the changes that are made before the load dies; 1 if it completes. */
  readonly done: number;
  /** Invocations, at most, of which each has a range of its own. */
  readonly ranges: number;
  readonly hasTime: boolean;
}

const file: fc.Arbitrary<File> = fc.record({
  rows: fc.array(
    fc.record({
      key: fc.integer({ min: 0, max: 12 }).map((n) => `ключ-${n}`),
      value: fc.integer({ min: 0, max: 1 }),
    }),
    { maxLength: 20 },
  ),
  chunkRows: fc.constantFrom(1, 7, 100),
  rejected: fc.constantFrom(true, false, false),
  force: fc.constantFrom(true, false, false),
  done: fc.constantFrom(0, 0.5, 1, 1),
  ranges: fc.constantFrom(1, 3),
  hasTime: fc.boolean(),
});

const salt = 's';

const fail = async (what: string): Promise<void> => {
  throw new Error(what);
};
const hashOf = (value: number) => hash('sha256', String(value), 'buffer').toString('latin1', 0, 16);

/** Writes the runs of a file's keys, and opens them. */
async function runsOf({ rows, chunkRows }: File, execution: string) {
  const { s3 } = memory;
  const runs = [];
  for (let start = 0; start < rows.length; start += chunkRows) {
    const location = { bucket: 'b', execution, encoding: 'utf-8', chunkStart: start, salt };
    const writer = new KeyWriter(
      s3,
      location,
      { key: PK, unique: [], hashOf: ({ value }) => hashOf(Number(value)) },
      { runs: 0, repeated: 0 },
    );
    for (const [row, { key, value }] of rows.slice(start, start + chunkRows).entries()) {
      await writer.add({ pk: key, value }, row);
    }
    await writer.close(chunkRows >= rows.length);
    runs.push(await openRun(s3, { ...location, comparison: 0 }, 0));
  }
  return runs;
}

test('a load that completes leaves the table as its file is, and counts each key once', async () => {
  const seen = { added: 0, changed: 0, unchanged: 0, removed: 0, kept: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 2, maxLength: 5 }), async (files) => {
      memory.objects.clear();
      const { s3 } = memory;
      const table = new Map<string, number>();
      let base:
        | {
            readonly place: IndexPlace;
            readonly isComplete: boolean;
            readonly isBlind: boolean;
            readonly keys: number;
          }
        | undefined;
      let isCertain = true;
      for (const [number, each] of files.entries()) {
        const execution = `e${number}`;
        const place = { bucket: 'b', feed: 'f', id: `${number}-${execution}` };
        const wanted = new Map(each.rows.map(({ key, value }) => [key, value]));
        const skipped = new Set<string>();
        const removed: string[] = [];
        const listed = new Map<string, ChangedKey['change']>();
        const left = new Set<string>();
        const comparison = {
          runs: await runsOf(each, execution),
          base,
          onLost: fail,
          rules: { trusts: !each.force, removes: !each.rejected },
          dataset: { key: PK },
          place,
          isLeftOut: async () => () => false,
          skip: ({ location }: KeyRun, rows: readonly number[]) => {
            for (const row of rows) skipped.add(each.rows[location.chunkStart + row]?.key ?? '');
          },
          onKey: (key: string) => {
            left.add(Buffer.from(key, 'latin1').toString().replace('\0', ''));
          },
          list: async (_: string, changes: readonly ChangedKey[]) => {
            for (const { key, change } of changes) {
              const name = Buffer.from(key, 'latin1').toString().replace('\0', '');
              expect(listed.has(name)).toBe(false);
              listed.set(name, change);
            }
          },
          remove: async (_: string, keys: readonly string[]) => {
            removed.push(...keys.map((key) => Buffer.from(key, 'latin1').toString().replace('\0', '')));
          },
        };
        let total: IndexChanges = NO_CHANGES;
        for (const { start, end } of bucketRanges(each.ranges === 1 ? 1 : 9_000_000)) {
          let compared: Compared = { ...NO_CHANGES, at: start };
          while (compared.at < end) {
            compared = await compareBuckets(s3, comparison, compared, end, () => each.hasTime);
          }
          total = sum(total, compared);
        }
        expect(total.base).toBe(base?.keys ?? 0);
        expect(total.unchanged).toBe(skipped.size);
        expect(total.added + total.changed).toBe(wanted.size - skipped.size);
        const added = [...wanted.keys()].filter((key) => !table.has(key)).length;
        if (isCertain) expect(total.added).toBe(added);
        // A key that the table lacks counts as changed if a load that died was to write it, or has deleted it.
        else expect(total.added).toBeLessThanOrEqual(added);
        isCertain = each.done === 1 && (isCertain || !each.rejected);
        expect(total.deletes).toBe(removed.length);
        const listedAs = (change: string) => [...listed].flatMap(([key, as]) => (as === change ? [key] : []));
        expect(listedAs('removed').sort()).toEqual(removed.toSorted());
        for (const key of wanted.keys()) expect(left.has(key)).toBe(true);
        expect(left.size).toBe(wanted.size + total.kept);
        expect(listedAs('added')).toHaveLength(total.added);
        expect(listedAs('changed')).toHaveLength(total.changed);
        expect([...listedAs('added'), ...listedAs('changed')].sort()).toEqual(
          [...wanted.keys()].filter((key) => !skipped.has(key)).sort(),
        );
        expect(new Set(removed).size).toBe(removed.length);
        for (const key of skipped) expect(table.get(key)).toBe(wanted.get(key));
        if (each.force) expect(skipped.size).toBe(0);
        const changes = [
          ...[...wanted]
            .filter(([key]) => !skipped.has(key))
            .map(
              ([key, value]) =>
                () =>
                  table.set(key, value),
            ),
          ...removed.map((key) => () => table.delete(key)),
        ];
        for (const change of changes.slice(0, Math.ceil(changes.length * each.done))) change();
        if (each.done === 1) {
          const others = [...table].filter(([key]) => !wanted.has(key));
          // A key that stays may be absent, if a load that died has not written it.
          expect(others.length).toBeLessThanOrEqual(each.rejected ? total.kept : 0);
          expect(new Map([...table].filter(([key]) => wanted.has(key)))).toEqual(wanted);
        }
        seen.added += total.added;
        seen.changed += total.changed;
        seen.unchanged += total.unchanged;
        seen.removed += total.deletes;
        seen.kept += total.kept;
        base = { place, isComplete: each.done === 1, isBlind: false, keys: entriesOf(total) };
      }
    }),
    { numRuns: 60 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(5);
}, 120_000);

const base = { bucket: 'b', feed: 'f', id: '1-e' };
const entryOf = (key: string) => ({ key, type: 'S', hash: null, counted: true }) as const;

/** Writes an index of three objects, with a key each, and deletes some of them. */
async function writeBase(keys: readonly string[], lost: readonly number[] = []): Promise<void> {
  const { s3, objects } = memory;
  for (const [range, { start, end }] of bucketRanges(9_000_000).entries()) {
    const buckets = Array.from({ length: end - start }, (_, bucket) =>
      encodeBucket(bucket === 0 ? [entryOf(keys[range] ?? '')] : []),
    );
    await writeIndexObject(s3, base, start, buckets);
  }
  for (const range of lost) objects.delete([...objects.keys()].sort()[range] ?? '');
}

/** Compares a file without rows with the base. */
async function removedFrom(s3: S3Client, key: TableKey) {
  const removed: string[] = [];
  const lost: string[] = [];
  const comparison = {
    runs: [],
    base: { place: base, isComplete: true, isBlind: false },
    onLost: async (what: string) => void lost.push(what),
    rules: { trusts: true, removes: true },
    dataset: { key },
    place: { ...base, id: '2-e' },
    list: undefined,
    onKey: undefined,
    isLeftOut: async () => () => false,
    skip: () => undefined,
    remove: async (_: string, keys: readonly string[]) => void removed.push(...keys),
  };
  const compared = await compareBuckets(s3, comparison, { ...NO_CHANGES, at: 0 }, BUCKETS, () => true);
  return { removed, lost, compared };
}

test.each([0, 1, 2])('object %d of the base is lost: the others are compared all the same', async (range) => {
  const keys = ['one\0', 'two\0', 'three\0'];
  await writeBase(keys, [range]);
  const { removed, lost, compared } = await removedFrom(memory.s3, PK);
  expect(removed).toEqual(keys.toSpliced(range, 1));
  expect(compared).toMatchObject({ base: 2, deletes: 2, countedDeletes: 2, counted: 2 });
  expect(lost).toEqual([
    expect.stringMatching(/^s3:\/\/b\/indexes\/.* has no object for the buckets \d+ to \d+$/),
  ]);
});

test.each([
  [true, 'd\0e'],
  [false, 'c\0'],
])(
  'keys that a table with sort keys (%s) cannot have are counted, and left alone',
  async (hasSortKey, last) => {
    const withSort = 'a\0b';
    await writeBase(['one\0', withSort, last]);
    const { removed, compared } = await removedFrom(memory.s3, hasSortKey ? PK_AND_SK : PK);
    expect(removed).toEqual(hasSortKey ? [withSort, last] : ['one\0', last]);
    expect(compared).toMatchObject({ base: 3, counted: 2, deletes: 2, kept: 0 });
  },
);

test.each([
  ['N', ['7\0', '-1.5E40\0', 'ROW#7\0'], 2],
  ['B', ['/w==\0', 'ROW#7\0', '\0'], 1],
] as const)(
  'keys that are not of the type %s, which the table has now, are left alone',
  async (type, keys, some) => {
    await writeBase(keys);
    const { removed } = await removedFrom(memory.s3, [{ name: 'n', type, template: '{n}' }]);
    expect(removed).toEqual(keys.slice(0, some));
  },
);

test.each([
  ['is missing', true],
  ['may not be read', false],
])('an object that %s, to which S3 denies access', async (_, isMissing) => {
  await writeBase(['one\0', 'two\0', 'three\0']);
  const { s3, objects } = memory;
  const [first = ''] = [...objects.keys()].sort();
  const send = async (command: GetObjectCommand) => {
    const isRead = command instanceof GetObjectCommand && command.input.Key === first;
    if (!isRead) return s3.send(command);
    // It is deleted after it was listed.
    if (isMissing) objects.delete(first);
    throw Object.assign(new Error('Access Denied'), { name: 'AccessDenied' });
  };
  const denying: S3Client = Object.create(s3, { send: { value: send } });
  const compared = removedFrom(denying, PK);
  if (!isMissing) return expect(compared).rejects.toThrow('Access Denied');
  expect(await compared).toMatchObject({
    removed: ['two\0', 'three\0'],
    lost: [expect.stringContaining(`${first} is missing or damaged`)],
  });
});

test('an object whose bytes are no entries counts as lost, with all that was read of it', async () => {
  const { s3, objects } = memory;
  const entries = [entryOf('j'), entryOf('k')];
  const buckets = Array.from({ length: BUCKETS }, (_, bucket) => encodeBucket(bucket === 0 ? entries : []));
  await writeIndexObject(s3, base, 0, buckets);
  const index = await openIndex(s3, base, 0, BUCKETS, fail);
  const read = async () => {
    const lost: string[] = [];
    const indexed = await readIndex(s3, index, 0, BUCKETS, async (what) => void lost.push(what));
    return [await indexed(0), lost];
  };
  expect(await read()).toEqual([entries, []]);
  for (const bytes of objects.values()) bytes.writeUInt16LE(0xffff, bytes.length - 'k'.length - 2);
  expect(await read()).toEqual([[], [expect.stringMatching(/ is damaged$/)]]);
});
