/** What keeps a load from beginning, although its rows were compared with what the table has. */

import { loadOf } from '../../../../functions/core/dataset/load.ts';
import { IncompleteLoadError } from '../../../../functions/core/errors.ts';
import { NO_CHANGES } from '../../../../functions/core/feed/difference.ts';
import type { IndexChanges } from '../../../../functions/core/messages.ts';
import { beginLoad } from '../../../../functions/core/steps/begin-load.ts';

const source = { bucket: 'b', key: 'k', etag: 'e', size: 1, uploaded: '2026-01-01T00:00:00.000Z' };
const format = {
  dataset: 'd',
  compression: 'none' as const,
  encoding: 'utf-8',
  size: 1,
  delimiter: ',',
  width: 1,
  isPadded: false,
  columns: [0],
  headerEnd: 0,
  headerLines: 1,
  ignored: [],
  warnings: [],
  quoting: 'standard' as const,
};
const feed = { last: null, base: null, salt: 's', table: 't', force: false, allowRemovals: false };

/** Begins a load of three rows, of which one is a duplicate. */
function begin(...changes: readonly Partial<IndexChanges>[]) {
  return beginWith(false, changes);
}

function beginWith(listChanges: boolean, changes: readonly Partial<IndexChanges>[]) {
  const compared = changes.map((each) => ({ ...NO_CHANGES, start: 0, end: 1, at: 1, ...each }));
  const counts = { read: 3, rejected: 0, duplicates: 1 };
  const entry = {
    beginLoad: () => Promise.reject(new Error('The load has an index.')),
    beginWithIndex: async (
      _until: number,
      _last: unknown,
      { id }: { readonly id: string },
      verify: () => void,
    ) => {
      verify();
      return id;
    },
  };
  const event = { execution: 'e', source, format, feed, compared, ...counts };
  const load = loadOf({ mode: 'replace', feed: 'object', listChanges });
  return beginLoad(event, { load }, entry, 0);
}

test('all rows were compared, in one range or in several', async () => {
  const removal = { expected: 0, done: true };
  expect(await begin({ added: 1, changed: 1 })).toMatchObject({ ready: true, load: '1-e', removal });
  expect(await begin({ added: 1 }, { unchanged: 1 })).toMatchObject({ ready: true });
  expect(await begin({ changed: 2, kept: 2 })).toMatchObject({ ready: true });
  expect(await begin({ unchanged: 2, deletes: 2 })).toMatchObject({ ready: true, removal: { expected: 2 } });
});

test('what it changes is listed if the dataset wants that, and if there is anything', async () => {
  const changes = { added: 1, changed: 1, deletes: 3, kept: 4 };
  expect(await begin(changes)).toMatchObject({ changes: null });
  const none = { listed: 0, list: 0, files: 0 };
  expect(await beginWith(true, [changes])).toMatchObject({ changes: { done: false, expected: 5, ...none } });
  const same = beginWith(true, [{ unchanged: 2 }]);
  expect(await same).toMatchObject({ changes: { done: true, expected: 0, ...none } });
});

test.each([
  [{ added: 1 }],
  [{ added: 1, changed: 1, unchanged: 1 }],
  [{ added: 1, deletes: 1 }],
  [{ unchanged: 1, kept: 1 }],
  [{}],
])(
  'with %j, other rows were compared than are to be loaded, and a key of the file might be deleted',
  async (changes) => {
    await expect(begin(changes)).rejects.toThrow(IncompleteLoadError);
    await expect(begin(changes)).rejects.toThrow(
      /^Of s3:\/\/b\/k, 2 rows are to be loaded, but \d were compared/,
    );
  },
);
