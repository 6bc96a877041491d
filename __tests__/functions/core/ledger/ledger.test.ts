/** The ledger on a DynamoDB that keeps its conditions. */

import { ServiceUnavailableError, SupersededError } from '../../../../functions/core/errors.ts';
import type { LedgerEntry, Upload } from '../../../../functions/core/ledger/ledger.ts';
import { LedgerTable } from '../../../support/ledger-table.ts';

let ledger: LedgerTable;
beforeAll(async () => {
  ledger = await LedgerTable.start();
});
afterAll(() => ledger.close());

let key: string;
let keys = 0;
beforeEach(() => {
  keys += 1;
  key = `file-${keys}.csv`;
});

const HOUR = 3_600_000;
const soon = () => Date.now() + HOUR;
const never = () => Promise.reject(new Error('It was asked what is the latest version.'));

/** The upload of that number; later ones have greater numbers. */
function upload(number: number, changes: Partial<Upload> = {}): Upload {
  return {
    etag: `etag-${number}`,
    versionId: `version-${number}`,
    sequencer: `00${number}0`,
    modified: number * 1_000,
    ...changes,
  };
}

function claim(execution: string, number: number, lease = soon(), force = false) {
  return ledger.entry(execution, key).claim(upload(number), lease, never, force);
}

describe('an upload is entered', () => {
  test('for the first time', async () => {
    const lease = soon();
    expect(await claim('one', 1, lease)).toEqual({ comparison: 'newer', recorded: undefined });
    expect(await ledger.stored(key)).toEqual({
      pk: `s3://source/${key}`,
      ...upload(1),
      lease,
      status: 'CHECKING',
      execution: 'one',
      entered: expect.stringMatching(/^\d{4}-.*Z$/),
      writers: {},
    });
  });

  test('in the place of an older one, with nothing of it but who writes', async () => {
    await claim('one', 1);
    const writer = await ledger.entry('one', key).startWriting({ writer: soon(), execution: soon() });
    await ledger.entry('one', key).finish({ read: 4, loaded: 1, rejected: 2, duplicates: 1 });
    expect(await claim('two', 2)).toMatchObject({
      comparison: 'newer',
      recorded: { execution: 'one', loaded: 1 },
    });
    const stored = await ledger.stored(key);
    expect(stored).toMatchObject({ ...upload(2), status: 'CHECKING', execution: 'two' });
    expect(Object.keys(Object(stored?.writers))).toEqual([writer]);
    for (const field of ['read', 'loaded', 'rejected', 'duplicates', 'ended', 'error'])
      expect(stored).not.toHaveProperty(field);
  });

  test('without a version and a sequencer, in the place of one that has them', async () => {
    await claim('one', 1);
    await ledger.entry('two', key).claim({ etag: 'e', modified: 5_000 }, soon(), never, false);
    const stored = await ledger.stored(key);
    expect(stored).toMatchObject({ etag: 'e', modified: 5_000 });
    expect(stored).not.toHaveProperty('versionId');
    expect(stored).not.toHaveProperty('sequencer');
  });

  test.each([
    ['after its execution has failed', (entry: LedgerEntry) => entry.fail('HeaderError')],
    ['after its lease has ended', (entry: LedgerEntry) => entry.renew('LOADING', Date.now() - 1)],
  ])('again, %s', async (_, end) => {
    await claim('one', 1);
    await end(ledger.entry('one', key));
    expect(await claim('two', 1)).toMatchObject({ comparison: 'retry' });
    const stored = await ledger.stored(key);
    expect(stored).toMatchObject({ execution: 'two', status: 'CHECKING' });
    expect(stored).not.toHaveProperty('error');
  });

  test('again by the execution that has it, whose answer was lost', async () => {
    await claim('one', 1);
    expect(await claim('one', 1)).toMatchObject({ comparison: 'retry' });
    expect(await ledger.entry('one', key).isOwner()).toBe(true);
  });

  test('in the other object of the same name in another folder, without regard to this one', async () => {
    await claim('two', 2);
    const other = ledger.entry('one', `folder/${key}`);
    expect(await other.claim(upload(1), soon(), never, false)).toEqual({
      comparison: 'newer',
      recorded: undefined,
    });
    expect(await ledger.stored(key)).toMatchObject({ execution: 'two' });
  });
});

describe('an upload is not entered, and the ledger is what it was,', () => {
  test.each([
    ['where it is loaded', 'loaded', 1, (entry: LedgerEntry) => entry.finish(counts)],
    [
      'where another execution loads it',
      'loading',
      1,
      (entry: LedgerEntry) => entry.renew('LOADING', soon()),
    ],
    ['where a newer one is under way', 'older', 0, (entry: LedgerEntry) => entry.renew('CHECKING', soon())],
    ['where a newer one is loaded', 'older', 0, (entry: LedgerEntry) => entry.finish(counts)],
    ['where a newer one has failed', 'older', 0, (entry: LedgerEntry) => entry.fail('HeaderError')],
  ])('%s', async (_, comparison, number, before) => {
    await claim('one', 1);
    await before(ledger.entry('one', key));
    const stored = await ledger.stored(key);
    expect(await claim('two', number)).toMatchObject({ comparison, recorded: { execution: 'one' } });
    expect(await ledger.stored(key)).toEqual(stored);
  });

  const counts = { read: 1, loaded: 1, rejected: 0, duplicates: 0 };
});

test('where nothing else tells which is newer, it is the one that is the latest version', async () => {
  await claim('one', 1);
  const twin = { etag: 'twin', modified: upload(1).modified };
  const stored = await ledger.stored(key);
  expect(await ledger.entry('two', key).claim(twin, soon(), async () => false, false)).toMatchObject({
    comparison: 'older',
  });
  expect(await ledger.stored(key)).toEqual(stored);
  expect(await ledger.entry('two', key).claim(twin, soon(), async () => true, false)).toMatchObject({
    comparison: 'newer',
  });
  expect(await ledger.stored(key)).toMatchObject({ etag: 'twin', execution: 'two' });
});

describe('a forced load', () => {
  test.each([
    ['of what is loaded', 1],
    ['of what is older', 0],
    ['of what is newer', 2],
  ])('%s is entered, and leaves it known which upload is the newest', async (_, number) => {
    await claim('one', 1);
    await ledger.entry('one', key).finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 });
    await claim('two', number, soon(), true);
    const newest = upload(Math.max(1, number));
    expect(await ledger.stored(key)).toMatchObject({
      execution: 'two',
      status: 'CHECKING',
      versionId: `version-${number}`,
      etag: `etag-${number}`,
      sequencer: newest.sequencer,
      modified: newest.modified,
    });
  });

  test('takes the place of one that is under way', async () => {
    await claim('one', 1);
    await claim('two', 1, soon(), true);
    await expect(ledger.entry('one', key).renew('CHECKING', soon())).rejects.toThrow(SupersededError);
  });
});

describe('the execution that has the entry', () => {
  const counts = { read: 4, loaded: 1, rejected: 2, duplicates: 1 };

  test('renews its lease, which lets an end be forgotten', async () => {
    await claim('one', 1);
    const entry = ledger.entry('one', key);
    await entry.fail('HeaderError');
    expect(await ledger.stored(key)).toMatchObject({
      status: 'FAILED',
      error: 'HeaderError',
      ended: expect.any(String),
      lease: 0,
    });
    const lease = soon();
    await entry.renew('LOADING', lease);
    const stored = await ledger.stored(key);
    expect(stored).toMatchObject({ status: 'LOADING', lease });
    expect(stored).not.toHaveProperty('error');
    expect(stored).not.toHaveProperty('ended');
  });

  test('stays loaded whatever an invocation that is left behind comes to', async () => {
    await claim('one', 1);
    const entry = ledger.entry('one', key);
    await entry.finish(counts);
    const stored = await ledger.stored(key);
    await entry.fail('LoadTimeoutError');
    await entry.shorten(Date.now() + 90_000);
    expect(await ledger.stored(key)).toEqual(stored);
  });

  test('finishes with its counts', async () => {
    await claim('one', 1);
    await ledger.entry('one', key).finish(counts);
    expect(await ledger.stored(key)).toMatchObject({ status: 'LOADED', ...counts, lease: 0, ...upload(1) });
  });

  test('shortens its lease, and is what it was beside that', async () => {
    await claim('one', 1);
    const stored = await ledger.stored(key);
    await ledger.entry('one', key).shorten(1);
    expect(await ledger.stored(key)).toEqual({ ...stored, lease: 1 });
  });

  test('can do nothing once it is superseded', async () => {
    await claim('one', 1);
    await claim('two', 2);
    const stored = await ledger.stored(key);
    const entry = ledger.entry('one', key);
    const until = { writer: soon(), execution: soon() };
    await expect(entry.renew('LOADING', soon())).rejects.toThrow(SupersededError);
    await expect(entry.finish(counts)).rejects.toThrow(SupersededError);
    await expect(entry.beginLoad(soon())).rejects.toThrow(SupersededError);
    await expect(entry.startWriting(until)).rejects.toThrow(SupersededError);
    await entry.shorten(1);
    await entry.fail('HeaderError');
    expect(await ledger.stored(key)).toEqual(stored);
    expect(await entry.isOwner()).toBe(false);
  });
});

describe('a load', () => {
  const writing = (lease: number) => ({ writer: lease, execution: soon() });

  test('begins where nobody writes', async () => {
    await claim('one', 1);
    const lease = soon();
    expect(await ledger.entry('one', key).beginLoad(lease)).toBe(true);
    expect(await ledger.stored(key)).toMatchObject({ status: 'LOADING', lease });
    expect(await ledger.writers(key)).toEqual({});
  });

  test('waits for a writer of an older upload, and renews its lease meanwhile', async () => {
    await claim('one', 1);
    const older = ledger.entry('one', key);
    const [first, second] = [
      await older.startWriting(writing(soon())),
      await older.startWriting(writing(soon())),
    ];
    await claim('two', 2, Date.now() + 1_000);
    const newer = ledger.entry('two', key);
    const lease = soon();
    expect(await newer.beginLoad(lease)).toBe(false);
    expect(await ledger.stored(key)).toMatchObject({ status: 'CHECKING', lease, execution: 'two' });
    await older.stopWriting(first);
    expect(await newer.beginLoad(soon())).toBe(false);
    await older.stopWriting(second);
    expect(await newer.beginLoad(soon())).toBe(true);
  });

  test('does not wait for a writer whose lease has ended', async () => {
    await claim('one', 1);
    await ledger.entry('one', key).startWriting(writing(Date.now() + 300));
    await claim('two', 2);
    expect(await ledger.entry('two', key).beginLoad(soon())).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 310));
    expect(await ledger.entry('two', key).beginLoad(soon())).toBe(true);
    expect(await ledger.writers(key)).toEqual({});
  });

  test('that is superseded while it waits for a writer ends', async () => {
    await claim('one', 1);
    await ledger.entry('one', key).startWriting(writing(soon()));
    await claim('two', 2);
    await claim('three', 3);
    await expect(ledger.entry('two', key).beginLoad(soon())).rejects.toThrow(SupersededError);
  });

  test('has a writer for each invocation, of which each removes its own', async () => {
    await claim('one', 1);
    const entry = ledger.entry('one', key);
    const leases = [soon(), soon() + 1, soon() + 2];
    const names = await Promise.all(leases.map((lease) => entry.startWriting(writing(lease))));
    expect(await ledger.stored(key)).toMatchObject({
      status: 'LOADING',
      writers: Object.fromEntries(names.map((name, index) => [name, leases[index]])),
    });
    await Promise.all(names.slice(1).map((name) => entry.stopWriting(name)));
    expect(await ledger.writers(key)).toEqual({ [names[0] ?? '']: leases[0] });
    // Twice does no harm.
    await entry.stopWriting(names[1] ?? '');
  });

  test('a writer of an execution that is superseded can still be removed', async () => {
    await claim('one', 1);
    const writer = await ledger.entry('one', key).startWriting(writing(soon()));
    await claim('two', 2);
    await ledger.entry('one', key).stopWriting(writer);
    expect(await ledger.stored(key)).toMatchObject({ execution: 'two' });
    expect(await ledger.writers(key)).toEqual({});
  });

  test('to remove a writer makes no entry where there is none', async () => {
    await ledger.entry('one', key).stopWriting('aaaaaaaaaaaa');
    expect(await ledger.stored(key)).toBeUndefined();
  });
});

test('where DynamoDB does not answer, that may pass; and no more is thrown where there is an error already', async () => {
  await claim('one', 1);
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const entry = ledger.entry('one', key, () => Promise.reject(refused));
  const until = { writer: soon(), execution: soon() };
  await expect(entry.read()).rejects.toThrow(ServiceUnavailableError);
  await expect(entry.isOwner()).rejects.toThrow(ServiceUnavailableError);
  await expect(entry.claim(upload(1), soon(), never, false)).rejects.toThrow(ServiceUnavailableError);
  await expect(entry.renew('CHECKING', soon())).rejects.toThrow(ServiceUnavailableError);
  await expect(entry.beginLoad(soon())).rejects.toThrow(ServiceUnavailableError);
  await expect(entry.startWriting(until)).rejects.toThrow(ServiceUnavailableError);
  await entry.shorten(1);
  await entry.fail('HeaderError');
  await entry.stopWriting('aaaaaaaaaaaa');
});
