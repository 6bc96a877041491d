import type { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { deleteReplaced } from '../../../../functions/core/feed/index-objects.ts';
import {
  feedSharing,
  KeySample,
  MAX_SAMPLES,
  SAMPLE_KEYS,
  samplesPrefix,
  writeSample,
} from '../../../../functions/core/feed/key-sample.ts';
import { memoryS3 } from '../../../support/memory-s3.ts';

const memory = memoryS3();
beforeEach(() => memory.objects.clear());

function hashesOf(keys: readonly string[]): ReadonlySet<string> {
  const sample = new KeySample();
  for (const key of keys) sample.add(key);
  return sample.hashes();
}

const keysFrom = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `ORDER#${from + index}\0`);

const place = (feed: string, dataset = 'd', id = '1-e') => ({ bucket: 'b', feed, dataset, id });

/** Writes the sample of a feed, and looks for others that share its keys. */
async function load(feed: string, keys: readonly string[], { dataset = 'd', id = '1-e' } = {}) {
  const hashes = hashesOf(keys);
  await writeSample(memory.s3, place(feed, dataset, id), 0, `${feed}.csv`, hashes);
  return feedSharing(memory.s3, place(feed, dataset, id), hashes);
}

test('a sample has the same keys in whatever order they come, and 16 bytes for each', async () => {
  const keys = keysFrom(0, 5_000);
  const hashes = hashesOf(keys);
  expect(hashes.size).toBe(SAMPLE_KEYS);
  expect([...hashesOf(keys.toReversed())].sort()).toEqual([...hashes].sort());
  expect(hashesOf(keys.slice(0, 7)).size).toBe(7);
  await writeSample(memory.s3, place('f'), 0, 'f.csv', hashes);
  expect([...memory.objects.values()].map(({ length }) => length)).toEqual([2 + 16 * 1_024 + 'f.csv'.length]);
});

test('two exports of nearly the same things are noticed, however many they are', async () => {
  expect(await load('monday', keysFrom(0, 20_000))).toBeUndefined();
  expect(await load('tuesday', keysFrom(500, 21_000))).toBe('monday.csv');
});

test('in small feeds, a single key is noticed; feeds without common keys share none', async () => {
  await load('a', keysFrom(0, 500));
  expect(await load('b', keysFrom(500, 1_000))).toBeUndefined();
  expect(await load('c', keysFrom(999, 1_400))).toBe('b.csv');
});

test('neither the own sample nor those of another dataset count', async () => {
  await load('a', ['k\0']);
  expect(await load('a', ['k\0'], { id: '2-e' })).toBeUndefined();
  expect(await load('b', ['k\0'], { dataset: 'd-2' })).toBeUndefined();
});

test('a name that is long is cut off in front', async () => {
  await load(`${'ü'.repeat(400)}end`, ['k\0']);
  expect(await load('b', ['k\0'])).toMatch(/^…ü{193}end\.csv$/);
});

test('every feed looks at some others, and at no more than the limit', async () => {
  const names: string[] = [];
  const send = (command: object) => {
    names.push(command.constructor.name);
    return memory.s3.send(command as GetObjectCommand);
  };
  const s3: S3Client = Object.create(memory.s3, { send: { value: send } });
  const feeds = Array.from({ length: 3 * MAX_SAMPLES }, (_, feed) => `f${feed}`);
  for (const feed of feeds) await writeSample(s3, place(feed), 0, feed, hashesOf([`${feed}\0`]));
  const all = hashesOf(feeds.map((feed) => `${feed}\0`));
  for (const feed of feeds) {
    names.length = 0;
    expect(await feedSharing(s3, place(feed), all)).toMatch(/^f\d+$/);
    expect(names.filter((name) => name === 'GetObjectCommand')).toHaveLength(MAX_SAMPLES);
    expect(names.filter((name) => name !== 'GetObjectCommand').length).toBeLessThanOrEqual(2);
  }
});

test('a sample is deleted with the index that it is of', async () => {
  await load('a', ['k\0'], { id: '1-e' });
  await load('a', ['k\0'], { id: '3-g' });
  await load('b', ['k\0'], { id: '1-e' });
  await deleteReplaced(memory.s3, { bucket: 'b', id: '2-f' }, samplesPrefix(place('a')));
  const left = [...memory.objects.keys()].map((key) => key.split('/').slice(-2));
  expect(left).toEqual([
    ['3-g', '0'],
    ['1-e', '0'],
  ]);
});
