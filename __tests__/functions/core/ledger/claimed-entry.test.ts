/** Claims of uploads, on an embedded DynamoDB that supports condition expressions. */

import { S3Client } from '@aws-sdk/client-s3';
import { SupersededError } from '../../../../functions/core/errors.ts';
import { claimUpload } from '../../../../functions/core/ledger/claim.ts';
import type { Start } from '../../../../functions/core/ledger/claimed-entry.ts';
import type { InputUpload } from '../../../../functions/core/ledger/input.ts';
import type { LedgerEntry } from '../../../../functions/core/ledger/ledger.ts';
import type { Upload } from '../../../../functions/core/ledger/upload-order.ts';
import { ledgerForTests, never, soon, upload } from '../../../support/ledger-table.ts';
import { memoryS3 } from '../../../support/memory-s3.ts';
import { startServer } from '../../../support/server.ts';

const ledger = ledgerForTests();

describe('an upload is claimed', () => {
  test('for the first time', async () => {
    const lease = soon();
    expect(await ledger.claim('one', 1, lease)).toEqual({ comparison: 'newer', recorded: undefined });
    expect(await ledger.stored()).toEqual({
      pk: `s3://source/${ledger.key}`,
      ...upload(1),
      ...{ uploaded: 1_000, newest: 1_000 },
      lease,
      status: 'CHECKING',
      execution: 'one',
      claim: expect.stringMatching(/^[\da-f]{24}$/),
      started: 1,
      claimed: expect.stringMatching(/^\d{4}-.*Z$/),
      writers: {},
    });
  });

  test('instead of an older one, of which nothing remains but its writers', async () => {
    await ledger.claim('one', 1);
    const writer = await ledger.entry('one').startWriting({ writer: soon(), execution: soon() });
    await ledger.entry('one').finish({ read: 4, loaded: 1, rejected: 2, duplicates: 1 });
    expect(await ledger.claim('two', 2)).toMatchObject({
      comparison: 'newer',
      recorded: { execution: 'one', loaded: 1 },
    });
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ ...upload(2), status: 'CHECKING', execution: 'two' });
    expect(Object.keys(Object(stored?.writers))).toEqual([writer]);
    for (const field of ['read', 'loaded', 'rejected', 'duplicates', 'ended', 'error'])
      expect(stored).not.toHaveProperty(field);
  });

  test('without a version and a sequencer, instead of one that has them', async () => {
    await ledger.claim('one', 1);
    await ledger.entry('two').claim({ etag: 'e', modified: 5_000 }, soon(), never, ledger.startOf('two'));
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ etag: 'e', modified: 5_000 });
    expect(stored).not.toHaveProperty('versionId');
    expect(stored).not.toHaveProperty('sequencer');
  });

  test.each([
    ['after its execution has failed', (entry: LedgerEntry) => entry.fail('HeaderError')],
    ['after its lease has ended', (entry: LedgerEntry) => entry.renew('LOADING', Date.now() - 1)],
  ])('again, %s', async (_, end) => {
    await ledger.claim('one', 1);
    await end(ledger.entry('one'));
    expect(await ledger.claim('two', 1)).toMatchObject({ comparison: 'retry' });
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ execution: 'two', status: 'CHECKING' });
    expect(stored).not.toHaveProperty('error');
  });

  test('again by the same execution, after the answer was lost', async () => {
    await ledger.claim('one', 1);
    expect(await ledger.claim('one', 1)).toMatchObject({ comparison: 'retry' });
    expect(await ledger.entry('one').isOwner()).toBe(true);
  });

  test('independently of an object of the same name in another folder', async () => {
    await ledger.claim('two', 2);
    const { key } = ledger;
    ledger.key = `folder/${key}`;
    expect(await ledger.claim('one', 1)).toEqual({ comparison: 'newer', recorded: undefined });
    ledger.key = key;
    expect(await ledger.stored()).toMatchObject({ execution: 'two' });
  });
});

describe('an upload is not claimed, and the ledger stays unchanged,', () => {
  test.each([
    ['if it is loaded', 'loaded', 1, (entry: LedgerEntry) => entry.finish(counts)],
    [
      'if another execution is loading it',
      'loading',
      1,
      (entry: LedgerEntry) => entry.renew('LOADING', soon()),
    ],
    [
      'if a newer one is being validated',
      'older',
      0,
      (entry: LedgerEntry) => entry.renew('CHECKING', soon()),
    ],
    ['if a newer one is loaded', 'older', 0, (entry: LedgerEntry) => entry.finish(counts)],
    ['if a newer one has failed', 'older', 0, (entry: LedgerEntry) => entry.fail('HeaderError')],
  ])('%s', async (_, comparison, number, before) => {
    await ledger.claim('one', 1);
    await before(ledger.entry('one'));
    const stored = await ledger.stored();
    expect(await ledger.claim('two', number)).toMatchObject({ comparison, recorded: { execution: 'one' } });
    expect(await ledger.stored()).toEqual(stored);
  });

  const counts = { read: 1, loaded: 1, rejected: 0, duplicates: 0 };
});

test("if nothing else shows which upload is newer, it is the object's latest version", async () => {
  await ledger.claim('one', 1);
  const twin = { etag: 'twin', modified: upload(1).modified };
  const stored = await ledger.stored();
  expect(
    await ledger.entry('two').claim(twin, soon(), async () => false, ledger.startOf('two')),
  ).toMatchObject({
    comparison: 'older',
  });
  expect(await ledger.stored()).toEqual(stored);
  expect(
    await ledger.entry('two').claim(twin, soon(), async () => true, ledger.startOf('two')),
  ).toMatchObject({
    comparison: 'newer',
  });
  expect(await ledger.stored()).toMatchObject({ etag: 'twin', execution: 'two' });
});

test('uploads within a second count as uploaded in their order, and each of them always at the same time', async () => {
  const modified = 5_000;
  const claim = async (execution: string, number: number, force = false) => {
    await ledger
      .entry(execution)
      .claim(upload(number, { modified }), soon(), never, ledger.startOf(execution, force));
    return ledger.stored();
  };
  expect(await claim('one', 1)).toMatchObject({ uploaded: 5_000, newest: 5_000 });
  expect(await claim('two', 2)).toMatchObject({ uploaded: 5_001, newest: 5_001 });
  // After a lost answer, by a repeated event, and by hand.
  expect(await claim('two', 2)).toMatchObject({ uploaded: 5_001, newest: 5_001 });
  await ledger.entry('two').fail('HeaderError');
  expect(await claim('again', 2)).toMatchObject({ execution: 'again', uploaded: 5_001 });
  expect(await claim('forced', 2, true)).toMatchObject({ execution: 'forced', uploaded: 5_001 });
  // An older version, which is not forgotten to be one.
  expect(await claim('older', 1, true)).toMatchObject({ uploaded: 5_000, newest: 5_001 });
  expect(await claim('older', 1, true)).toMatchObject({ uploaded: 5_000, newest: 5_001 });
  expect(await claim('three', 3)).toMatchObject({ uploaded: 5_002, newest: 5_002 });
});

test('what follows gets the time at which the claimed upload counts as uploaded', async () => {
  const server = await startServer((request, _, response) => {
    const version = new URL(request.url ?? '', 'http://s3').searchParams.get('versionId') ?? '';
    const modified = 'Thu, 01 Jan 1970 00:00:05 GMT';
    response.writeHead(200, { etag: `"${version}"`, 'x-amz-version-id': version, 'last-modified': modified });
    response.end();
  });
  const s3 = new S3Client({
    endpoint: server.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const claimed = async (execution: string, number: number, force = false) => {
    const object = { bucket: 'source', key: ledger.key, versionId: `v${number}`, sequencer: `00${number}0` };
    const { started } = ledger.startOf(execution, force);
    const times = { started, lease: soon() };
    const result = await claimUpload(s3, ledger.entry(execution), { ...object, force }, times);
    return 'source' in result ? result.source.uploaded : result.outcome;
  };
  expect(await claimed('one', 1)).toBe('1970-01-01T00:00:05.000Z');
  expect(await claimed('two', 2)).toBe('1970-01-01T00:00:05.001Z');
  expect(await claimed('two', 2)).toBe('1970-01-01T00:00:05.001Z');
  expect(await claimed('older', 1, true)).toBe('1970-01-01T00:00:05.000Z');
  expect(await claimed('three', 3)).toBe('1970-01-01T00:00:05.002Z');
  s3.destroy();
  await server.close();
});

describe('a forced load', () => {
  test.each([
    ['the loaded upload', 1],
    ['an older upload', 0],
    ['a newer upload', 2],
  ])('of %s is claimed, and the ledger still knows the newest upload', async (_, number) => {
    await ledger.claim('one', 1);
    await ledger.entry('one').finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 });
    await ledger.claim('two', number, soon(), true);
    const newest = upload(Math.max(1, number));
    expect(await ledger.stored()).toMatchObject({
      execution: 'two',
      status: 'CHECKING',
      versionId: `version-${number}`,
      etag: `etag-${number}`,
      sequencer: newest.sequencer,
      modified: newest.modified,
    });
  });

  test('supersedes one that is in progress', async () => {
    await ledger.claim('one', 1);
    await ledger.claim('two', 1, soon(), true);
    await expect(ledger.entry('one').renew('CHECKING', soon())).rejects.toThrow(SupersededError);
  });

  test('is not claimed again once another execution has claimed, even one that started earlier', async () => {
    ledger.startOf('waiting');
    await ledger.claim('forced', 1, soon(), true);
    await ledger.claim('waiting', 2);
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ execution: 'waiting', started: 2 });
    expect(await ledger.claim('forced', 1, soon(), true)).toMatchObject({
      comparison: 'overtaken',
      recorded: { execution: 'waiting' },
    });
    expect(await ledger.stored()).toEqual(stored);
  });

  test('is not claimed over one that started at the same time or later, but over one that started earlier', async () => {
    await ledger.claim('one', 1);
    const forced = (started: number) =>
      ledger.entry('two').claim(upload(1), soon(), never, { started, force: true });
    expect(await forced(0)).toMatchObject({ comparison: 'overtaken' });
    expect(await forced(1)).toMatchObject({ comparison: 'overtaken' });
    expect(await forced(2)).toMatchObject({ comparison: 'loading' });
    expect(await ledger.stored()).toMatchObject({ execution: 'two', started: 2 });
  });

  test('that failed may be redriven, and claim again, as long as no other execution has claimed', async () => {
    await ledger.claim('one', 2);
    await ledger.claim('two', 1, soon(), true);
    await ledger.entry('two').fail('HeaderError');
    await ledger.claim('two', 1, soon(), true);
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ versionId: 'version-1', execution: 'two', status: 'CHECKING' });
  });
});

describe('an undo', () => {
  const counts = { read: 1, loaded: 1, rejected: 0, duplicates: 0 };
  /** Loads the upload with a number in place of another one. */
  const undo = (execution: string, number: number, replaces = 2) =>
    ledger.entry(execution).claim(upload(number), soon(), never, {
      ...ledger.startOf(execution),
      undo: upload(replaces).versionId,
    });
  /** Uploads 1 and 2 are loaded, and the second one is undone. */
  const undone = async () => {
    for (const number of [1, 2]) {
      await ledger.claim(`e${number}`, number);
      await ledger.entry(`e${number}`).finish(counts);
    }
    expect(await ledger.stored()).toMatchObject({ previous: { versionId: 'version-1', uploaded: 1_000 } });
    await undo('undo', 1);
    await ledger.entry('undo').finish(counts);
  };

  test('loads what was loaded before, and the ledger still knows the newest upload', async () => {
    await undone();
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ execution: 'undo', status: 'LOADED', etag: 'etag-1', modified: 2_000 });
    expect(stored).toMatchObject({ undone: upload(2), sequencer: upload(2).sequencer });
    expect(stored).not.toHaveProperty('previous');
  });

  test.each([
    ['its event', upload(2)],
    ['a person who names no version', { ...upload(2), sequencer: undefined }],
    ['a bucket’s list', { etag: 'etag-2', modified: 2_000 }],
  ])('is not undone by %s', async (_, again) => {
    await undone();
    const claim = await ledger.entry('again').claim(again, soon(), never, ledger.startOf('again'));
    expect(claim).toMatchObject({ comparison: 'undone' });
    expect(await ledger.stored()).toMatchObject({ execution: 'undo' });
  });

  test('counts until the upload is forced, or a newer one comes', async () => {
    await undone();
    expect(await ledger.claim('newer', 3)).toMatchObject({ comparison: 'newer' });
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ previous: { versionId: 'version-1' } });
    expect(stored).not.toHaveProperty('undone');
    expect(await ledger.claim('two', 2)).toMatchObject({ comparison: 'older' });
  });

  test('counts until the upload is forced', async () => {
    await undone();
    await ledger.claim('forced', 2, soon(), true);
    expect(await ledger.stored()).not.toHaveProperty('undone');
  });

  test('after another one does not bring back what that one has undone', async () => {
    await ledger.claim('e0', 0);
    await ledger.entry('e0').finish(counts);
    await undone();
    await undo('further', 0, 1);
    expect(await ledger.stored()).toMatchObject({ etag: 'etag-0', undone: upload(2) });
  });

  test('is overtaken by an upload that nobody has seen the plan against', async () => {
    await undone();
    await ledger.claim('newer', 3);
    expect(await undo('late', 1)).toMatchObject({ comparison: 'overtaken' });
    expect(await ledger.stored()).toMatchObject({ execution: 'newer' });
  });

  test('that is repeated, or died, goes on', async () => {
    await ledger.claim('e1', 1);
    await ledger.entry('e1').finish(counts);
    await ledger.claim('e2', 2);
    await undo('undo', 1);
    await undo('undo', 1);
    expect(await ledger.stored()).toMatchObject({ status: 'CHECKING', undone: upload(2) });
    await ledger.entry('undo').fail('Error');
    expect(await ledger.claim('event', 1)).toMatchObject({ comparison: 'retry' });
    expect(await ledger.stored()).toMatchObject({ execution: 'event', undone: upload(2) });
  });

  test('of an execution that started before the last claim is overtaken', async () => {
    ledger.startOf('undo');
    await ledger.claim('e2', 2);
    expect(await undo('undo', 1)).toMatchObject({ comparison: 'overtaken' });
  });
});

describe('the uploads of several objects that are one feed', () => {
  const counts = { read: 1, loaded: 1, rejected: 0, duplicates: 0 };
  beforeEach(() => {
    const { key } = ledger;
    ledger.feed = `dataset:${key}`;
  });
  /** Claims the file of a day, by default after all that were claimed before. */
  const claim = (execution: string, day: number, changes: Partial<Upload> = {}, how: Partial<Start> = {}) => {
    ledger.key = keyOf(day);
    const start = { ...ledger.startOf(execution), ...how };
    return ledger.entry(execution).claim(upload(day, changes), soon(), never, start);
  };
  const keyOf = (day: number) => `orders/day-${day}.csv`;
  const load = async (day: number) => {
    await claim(`e${day}`, day);
    await ledger.entry(`e${day}`).finish(counts);
  };
  const recorded = (day: number) => ({ ...upload(day), key: keyOf(day) });

  test('share one item, whose claim is that of the newest upload', async () => {
    await claim('one', 1);
    expect(await claim('two', 2)).toMatchObject({ comparison: 'newer', recorded: recorded(1) });
    expect(await ledger.stored()).toMatchObject({ pk: ledger.feed, ...recorded(2), execution: 'two' });
    ledger.key = keyOf(1);
    await expect(ledger.entry('one').renew('LOADING', soon())).rejects.toThrow(SupersededError);
  });

  test('wait for each other’s writers', async () => {
    await claim('one', 1);
    const writer = await ledger.entry('one').startWriting({ writer: soon(), execution: soon() });
    await claim('two', 2);
    expect(await ledger.entry('two').beginLoad(soon())).toBeUndefined();
    await ledger.entry('one').stopWriting(writer);
    expect(await ledger.entry('two').beginLoad(soon())).toBe('1-two');
  });

  test('are superseded by a newer one, whatever their sequencers', async () => {
    await load(2);
    const stored = await ledger.stored();
    expect(await claim('late', 1, { sequencer: '00990' })).toMatchObject({ comparison: 'older' });
    expect(await ledger.stored()).toEqual(stored);
    expect(await claim('three', 3, { sequencer: '00000' })).toMatchObject({ comparison: 'newer' });
  });

  test('are different, though their versions have the same ID', async () => {
    await load(1);
    const twin = { versionId: 'version-1', etag: 'etag-1', modified: 1_000 };
    expect(await claim('two', 2, twin)).toMatchObject({ comparison: 'newer' });
  });

  test('are loaded again by an undo, and the one that was undone does not come back', async () => {
    for (const day of [0, 1, 2]) await load(day);
    expect(await ledger.stored()).toMatchObject({
      previous: { key: keyOf(1), versionId: 'version-1', uploaded: 1_000 },
    });
    await claim('undo', 1, {}, { undo: 'version-2' });
    expect(await ledger.stored()).toMatchObject({ ...recorded(1), undone: recorded(2), latest: recorded(2) });
    expect(await ledger.stored()).not.toHaveProperty('previous');
    await ledger.entry('undo').finish(counts);
    const stored = await ledger.stored();
    const listed = { versionId: undefined, sequencer: undefined };
    expect(await claim('event', 2)).toMatchObject({ comparison: 'undone' });
    expect(await claim('typed', 2, { sequencer: undefined })).toMatchObject({ comparison: 'undone' });
    expect(await claim('list', 2, listed)).toMatchObject({ comparison: 'undone' });
    expect(await claim('list', 1, listed)).toMatchObject({ comparison: 'loaded' });
    expect(await claim('older', 0)).toMatchObject({ comparison: 'older' });
    expect(await ledger.stored()).toEqual(stored);
    await claim('further', 0, {}, { undo: 'version-1' });
    expect(await ledger.stored()).toMatchObject({ ...recorded(0), undone: recorded(2), latest: recorded(2) });
    expect(await claim('event', 1)).toMatchObject({ comparison: 'older' });
    expect(await claim('three', 3)).toMatchObject({ comparison: 'newer' });
    const after = await ledger.stored();
    for (const field of ['undone', 'latest']) expect(after).not.toHaveProperty(field);
  });

  test('are still ordered after the newest one when an older one is forced', async () => {
    await load(2);
    await claim('forced', 1, {}, { force: true });
    await claim('forced', 1, {}, { force: true });
    expect(await ledger.stored()).toMatchObject({ ...recorded(1), latest: recorded(2), execution: 'forced' });
    await ledger.entry('forced').finish(counts);
    expect(await claim('event', 2)).toMatchObject({ comparison: 'older' });
    await claim('again', 2, {}, { force: true });
    expect(await ledger.stored()).toMatchObject(recorded(2));
    expect(await claim('event', 1)).toMatchObject({ comparison: 'older' });
  });

  test('are named in what an execution says that claims none', async () => {
    await load(2);
    const { s3, objects } = memoryS3();
    const said = async (day: number, start: Partial<InputUpload>) => {
      ledger.key = keyOf(day);
      const object = { bucket: 'source', key: keyOf(day), versionId: `version-${day}` };
      objects.set(`${object.key}@${object.versionId}`, Buffer.from('id'));
      const times = { started: 0, lease: soon() };
      return claimUpload(s3, ledger.entry('late'), { ...object, force: false, ...start }, times);
    };
    expect(await said(1, {})).toMatchObject({
      outcome: 'superseded',
      message:
        'The ledger has a newer upload of the dataset of s3://source/orders/day-1.csv, so this one is not loaded.',
      recorded: { source_key: keyOf(2) },
    });
    expect(await said(1, { force: true })).toMatchObject({
      message: expect.stringContaining(
        'has claimed s3://source/orders/day-2.csv, another file of the dataset, since',
      ),
    });
    expect(await said(2, { force: true })).toMatchObject({
      message: expect.stringContaining('has claimed s3://source/orders/day-2.csv since'),
    });
  });
});
