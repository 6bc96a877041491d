import { loadOf, WRITE_OUTCOMES } from '../../../../functions/core/dataset/load.ts';
import { NO_CHANGES } from '../../../../functions/core/feed/difference.ts';
import type { LoadedChunk, ReconcileEvent } from '../../../../functions/core/messages.ts';
import { addUp, keyCounts } from '../../../../functions/core/steps/reconcile.ts';

const chunk: LoadedChunk = { start: 10, end: 90, at: 90, read: 10, loaded: 6, rejected: 3, duplicates: 1 };
const event: Pick<ReconcileEvent, 'source' | 'verdict' | 'chunks'> = {
  source: { bucket: 'b', key: 'k.csv', etag: 'x', size: 200, uploaded: '2026-11-29T12:00:00.000Z' },
  verdict: {
    outcome: 'load',
    writesPerSecond: null,
    read: 20,
    blank: 0,
    footer: 0,
    dataEnd: 200,
    rejected: 6,
    repeated: [2],
    duplicates: 2,
    bucket: 0,
    compared: [],
    accepted: true,
    judged: '2024-01-01T00:00:00.000Z',
    report: {
      done: true,
      chunk: 0,
      part: 0,
      within: null,
      lines: 1,
      list: 'rejected',
      listed: 6,
      files: { rejected: 1, duplicates: 0 },
      first: [],
    },
  },
  chunks: [chunk, { ...chunk, start: 90, end: 200, at: 200 }],
};

test('the output has the total counts of all chunks', () => {
  expect(addUp(event)).toEqual({
    read: 20,
    loaded: 12,
    rejected: 6,
    duplicates: 2,
  });
});

test('rows that are existing, stale or deleted count as rows that were read', () => {
  for (const outcome of WRITE_OUTCOMES.slice(1)) {
    const chunks = event.chunks.map((each) => ({ ...each, loaded: 4, [outcome]: 2 }));
    expect(addUp({ ...event, chunks })).toMatchObject({ read: 20, loaded: 8, [outcome]: 4 });
    const lost = chunks.map((each) => ({ ...each, [outcome]: 1 }));
    expect(() => addUp({ ...event, chunks: lost })).toThrow(new RegExp(`loaded 8, ${outcome} 2, rejected 6`));
  }
});

test('a file without chunks succeeds with zero rows', () => {
  const verdict = { ...event.verdict, read: 0, rejected: 0, duplicates: 0 };
  expect(addUp({ ...event, verdict, chunks: [] })).toMatchObject({ read: 0, loaded: 0 });
});

test.each([
  ['a row is lost', { loaded: 5 }],
  ['a row is counted twice', { loaded: 7 }],
  ['a duplicate is not counted', { duplicates: 0 }],
  ['loading read a different number of rows than validation', { read: 11, loaded: 7 }],
  ['loading rejected a different number of rows than validation', { rejected: 2, loaded: 7 }],
])('%s: the execution fails with the counts', (_, change) => {
  const changed = { ...event, chunks: [{ ...chunk, ...change }, ...event.chunks.slice(1)] };
  expect(() => addUp(changed)).toThrow(
    expect.objectContaining({
      name: 'IncompleteLoadError',
      message: expect.stringMatching(
        /s3:\/\/b\/k\.csv do not add up: validation read 20 rows, rejected 6 and found 2 duplicates; /,
      ),
    }),
  );
});

describe('of keys, the output has', () => {
  const replacing = { load: loadOf({ mode: 'replace', feed: 'object' }) };
  const removal = { done: true, expected: 3, removed: 3, list: 1, key: 0, forgets: false };
  const range = { ...NO_CHANGES, start: 0, end: 1, at: 1 };
  const compared = [
    { ...range, added: 2, changed: 3, unchanged: 1, deletes: 2, kept: 1 },
    { ...range, added: 4, changed: 3, unchanged: 1, deletes: 1 },
  ];
  const compare = { ...event, verdict: { ...event.verdict, compared }, removal };
  const rows = { loaded: 12, unchanged: 2 };

  test('the counts that the load of the dataset can have', () => {
    expect(keyCounts(compare, replacing, rows)).toEqual({ added: 6, changed: 6, removed: 3, kept: 1 });
    const adding = { load: loadOf({ changesOnly: true, feed: 'object' }) };
    const none = { ...removal, expected: 0, removed: 0 };
    expect(keyCounts({ ...compare, removal: none }, adding, rows)).toEqual({ added: 6, changed: 6, kept: 1 });
    expect(keyCounts(compare, { load: loadOf() }, { loaded: 12 })).toEqual({});
  });

  test('null where a part of the index was missing', () => {
    const forgetting = { ...compare, removal: { ...removal, forgets: true } };
    expect(keyCounts(forgetting, replacing, rows)).toEqual({
      added: null,
      changed: null,
      removed: null,
      kept: 1,
    });
  });

  test.each([
    [
      'a row less was written than compared',
      { loaded: 11, unchanged: 2 },
      /6 .* added, 6 changed .* wrote 11/,
    ],
    ['a row more was written', { loaded: 13, unchanged: 2 }, /wrote 13 and left 2/],
    ['a row was left that was to be written', { loaded: 12, unchanged: 3 }, /2 left unchanged, .* left 3/],
    ['nothing counted the rows that were left', { loaded: 12 }, /left 0 unchanged/],
  ])('only checked counts: %s', (_, wrong, message) => {
    expect(() => keyCounts(compare, replacing, wrong)).toThrow(
      expect.objectContaining({ name: 'IncompleteLoadError', message: expect.stringMatching(message) }),
    );
  });

  test('only removals that DynamoDB has confirmed', () => {
    const short = { ...compare, removal: { ...removal, removed: 2 } };
    expect(() => keyCounts(short, replacing, rows)).toThrow(
      /lacks 3 keys that were to be removed .* but 2 were/,
    );
  });
});
