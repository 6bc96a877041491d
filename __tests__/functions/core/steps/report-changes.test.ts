import type { TableKey } from '../../../../functions/core/dataset/shape/table-key.ts';
import type { ChangesProgress } from '../../../../functions/core/messages.ts';
import { reportChanges } from '../../../../functions/core/steps/report-changes.ts';
import { type ChangedKey, writeChangedKeys } from '../../../../functions/core/working/changed-keys.ts';
import { memoryS3 } from '../../../support/memory-s3.ts';

const memory = memoryS3();
beforeEach(() => memory.objects.clear());

const location = { bucket: 'b', execution: 'e', load: '2-e' };

const key: TableKey = [{ name: 'pk', type: 'S', template: '{a}' }];
const withSort: TableKey = [
  { name: 'Name', type: 'S', template: '{a}' },
  { name: 'Number', type: 'N', template: '{b}' },
];

function write(
  name: string,
  changed: readonly (readonly [string, ChangedKey['change']])[],
  tableKey: TableKey = key,
) {
  const keys = changed.map(([text, change]) => ({
    key: Buffer.from(text.includes('\0') ? text : `${text}\0`).toString('latin1'),
    change,
  }));
  return writeChangedKeys(memory.s3, location, name, keys, tableKey);
}

/** Lists the changes in as many invocations as it takes. */
async function list(
  expected: number,
  {
    maxFileRows = 100,
    isHurried = false,
    tableKey = key,
  }: { readonly maxFileRows?: number; readonly isHurried?: boolean; readonly tableKey?: TableKey } = {},
): Promise<{ readonly progress: ChangesProgress; readonly files: readonly string[] }> {
  const event = {
    ...location,
    source: { bucket: 's', key: 'k.csv', etag: 'e', size: 1, uploaded: '' },
    format: {
      dataset: 'd',
      compression: 'none' as const,
      encoding: 'utf-8',
      size: 1,
      delimiter: ';',
      width: 1,
      isPadded: false,
      columns: [0],
      headerEnd: 0,
      headerLines: 1,
      ignored: [],
      warnings: [],
    },
    feed: null,
  };
  let progress: ChangesProgress = { done: false, expected, listed: 0, list: 0, files: 0 };
  const settings = { reportsBucket: 'b', hasTime: () => !isHurried, maxFileRows };
  while (!progress.done) {
    progress = await reportChanges(memory.s3, { ...event, changes: progress }, { key: tableKey }, settings);
  }
  const reports = [...memory.objects].filter(([key]) => key.startsWith('reports/k.csv/e/'));
  return { progress, files: reports.map(([name, bytes]) => `${name.split('/').at(-1)}\n${bytes}`) };
}

test('keys are listed in their order, once for each change, as CSV', async () => {
  await write('0-9', [
    ['b', 'changed'],
    ['a,"ü', 'added'],
    ['c', 'removed'],
  ]);
  expect(await list(3)).toEqual({
    progress: { done: true, expected: 3, listed: 3, list: 1, files: 1 },
    files: ['changes.csv\npk,_change\n"a,""ü",added\nb,changed\nc,removed\n'],
  });
});

test('a key that a spreadsheet would run as a formula is neutralized; but no number', async () => {
  await write('0-9', [['=1+1\0-2', 'added']], withSort);
  const { files } = await list(1, { tableKey: withSort });
  expect(files).toEqual(["changes.csv\nName,Number,_change\n'=1+1,-2,added\n"]);
});

test.each([
  ['the rows of a file', { maxFileRows: 2 }],
  ['the time', { isHurried: true }],
])('%s run out: the list continues in the next file', async (_, limits) => {
  for (const name of ['1-2', '2-3', '3-4']) {
    await write(name, [
      [`${name}x`, 'added'],
      [`${name}y`, 'removed'],
    ]);
  }
  const { progress, files } = await list(6, limits);
  expect(progress).toMatchObject({ done: true, listed: 6, files: 3 });
  expect(files).toEqual([
    'changes.csv\npk,_change\n1-2x,added\n1-2y,removed\n',
    'changes-2.csv\npk,_change\n2-3x,added\n2-3y,removed\n',
    'changes-3.csv\npk,_change\n3-4x,added\n3-4y,removed\n',
  ]);
});

test('a change that the lists lack is an error', async () => {
  await write('0-9', [['a', 'added']]);
  await expect(list(2)).rejects.toThrow('The list has 1 changes, but the comparison counted 2.');
});
