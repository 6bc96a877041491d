/** The ledger on an embedded DynamoDB that supports condition expressions. */

import { ServiceUnavailableError, SupersededError } from '../../../../functions/core/errors.ts';
import { ledgerForTests, never, soon, upload } from '../../../support/ledger-table.ts';

const ledger = ledgerForTests();

describe('the execution that holds the entry', () => {
  const counts = { read: 4, loaded: 1, rejected: 2, duplicates: 1 };

  test('renews its lease, which removes a recorded failure', async () => {
    await ledger.claim('one', 1);
    const entry = ledger.entry('one');
    await entry.fail('HeaderError');
    expect(await ledger.stored()).toMatchObject({
      status: 'FAILED',
      error: 'HeaderError',
      ended: expect.any(String),
      lease: 0,
    });
    const lease = soon();
    await entry.renew('LOADING', lease);
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ status: 'LOADING', lease });
    expect(stored).not.toHaveProperty('error');
    expect(stored).not.toHaveProperty('ended');
  });

  test('stays loaded, however an invocation that is still running ends', async () => {
    await ledger.claim('one', 1);
    const entry = ledger.entry('one');
    await entry.finish(counts);
    const stored = await ledger.stored();
    await entry.fail('LoadTimeoutError');
    await entry.shorten(Date.now() + 90_000);
    await entry.renew('CHECKING', soon());
    await expect(entry.startWriting({ writer: soon(), execution: soon() })).rejects.toThrow(SupersededError);
    expect(await ledger.claim('one', 1)).toMatchObject({ comparison: 'loaded' });
    expect(await ledger.claim('one', 1, soon(), true)).toMatchObject({ comparison: 'loaded' });
    expect(await ledger.stored()).toEqual(stored);
  });

  test('records its counts when it finishes', async () => {
    await ledger.claim('one', 1);
    await ledger.entry('one').finish(counts);
    expect(await ledger.stored()).toMatchObject({ status: 'LOADED', ...counts, lease: 0, ...upload(1) });
  });

  test('shortens its lease, and changes nothing else', async () => {
    await ledger.claim('one', 1);
    const stored = await ledger.stored();
    await ledger.entry('one').shorten(1);
    expect(await ledger.stored()).toEqual({ ...stored, lease: 1 });
  });

  test('can do nothing once it is superseded', async () => {
    await ledger.claim('one', 1);
    await ledger.claim('two', 2);
    const stored = await ledger.stored();
    const entry = ledger.entry('one');
    const until = { writer: soon(), execution: soon() };
    await expect(entry.renew('LOADING', soon())).rejects.toThrow(SupersededError);
    await expect(entry.finish(counts)).rejects.toThrow(SupersededError);
    await expect(entry.beginLoad(soon())).rejects.toThrow(SupersededError);
    await expect(entry.startWriting(until)).rejects.toThrow(SupersededError);
    await entry.shorten(1);
    await entry.fail('HeaderError');
    expect(await ledger.stored()).toEqual(stored);
    expect(await entry.isOwner()).toBe(false);
  });
});

describe('a load', () => {
  const writing = (lease: number) => ({ writer: lease, execution: soon() });

  test('begins if there are no writers', async () => {
    await ledger.claim('one', 1);
    const lease = soon();
    expect(await ledger.entry('one').beginLoad(lease)).toBe('1-one');
    expect(await ledger.stored()).toMatchObject({ status: 'LOADING', lease, index: { id: '1-one' } });
    expect(await ledger.writers()).toEqual({});
  });

  test('waits for the writers of an older upload, and renews its lease meanwhile', async () => {
    await ledger.claim('one', 1);
    const older = ledger.entry('one');
    const [first, second] = [
      await older.startWriting(writing(soon())),
      await older.startWriting(writing(soon())),
    ];
    await ledger.claim('two', 2, Date.now() + 1_000);
    const newer = ledger.entry('two');
    const lease = soon();
    expect(await newer.beginLoad(lease)).toBeUndefined();
    expect(await ledger.stored()).toMatchObject({ status: 'CHECKING', lease, execution: 'two' });
    await older.stopWriting(first);
    expect(await newer.beginLoad(soon())).toBeUndefined();
    await older.stopWriting(second);
    expect(await newer.beginLoad(soon())).toBe('1-two');
  });

  test('does not wait for a writer whose lease has ended', async () => {
    await ledger.claim('one', 1);
    await ledger.entry('one').startWriting(writing(Date.now() + 300));
    await ledger.claim('two', 2);
    expect(await ledger.entry('two').beginLoad(soon())).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 310));
    expect(await ledger.entry('two').beginLoad(soon())).toBe('1-two');
    expect(await ledger.writers()).toEqual({});
  });

  test('that is begun by two invocations at the same time keeps its writers', async () => {
    await ledger.claim('one', 1);
    const writers: string[] = [];
    let writes = 0;
    const late = ledger.entry('one', async (operation) => {
      if (operation !== 'UpdateItemCommand') return;
      writes += 1;
      if (writes > 1) return;
      const load = (await ledger.entry('one').beginLoad(soon())) ?? '';
      writers.push(await ledger.entry('one').ofLoad(load).startWriting(writing(soon())));
    });
    // It is asked again, and then finds the load begun.
    expect(await late.beginLoad(soon())).toBeUndefined();
    expect(await late.beginLoad(soon())).toBe('1-one');
    expect(Object.keys(Object(await ledger.writers()))).toEqual(writers);
    expect(await ledger.stored()).toMatchObject({ status: 'LOADING', index: { id: '1-one' } });
  });

  test('can do nothing any more once another load has begun, even if its execution has claimed again', async () => {
    await ledger.claim('one', 1);
    const load = await ledger.entry('one').beginLoad(soon());
    await ledger.claim('two', 2);
    expect(await ledger.entry('two').beginLoad(soon())).toBe('2-two');
    // As a manual start without a version, whose repeated invocation finds a newer upload.
    await ledger.claim('one', 3);
    const stored = await ledger.stored();
    const entry = ledger.entry('one').ofLoad(load ?? '');
    await expect(entry.startWriting(writing(soon()))).rejects.toThrow(SupersededError);
    await expect(entry.finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 })).rejects.toThrow(
      SupersededError,
    );
    await entry.fail('HeaderError');
    expect(await entry.isOwner()).toBe(false);
    expect(await ledger.stored()).toEqual(stored);
    expect(await ledger.entry('one').beginLoad(soon())).toBe('3-one');
  });

  test('ends if it is superseded while it waits for a writer', async () => {
    await ledger.claim('one', 1);
    await ledger.entry('one').startWriting(writing(soon()));
    await ledger.claim('two', 2);
    await ledger.claim('three', 3);
    await expect(ledger.entry('two').beginLoad(soon())).rejects.toThrow(SupersededError);
  });

  test('has a writer for each invocation, which removes only its own', async () => {
    await ledger.claim('one', 1);
    const entry = ledger.entry('one');
    const leases = [soon(), soon() + 1, soon() + 2];
    const names = await Promise.all(leases.map((lease) => entry.startWriting(writing(lease))));
    expect(await ledger.stored()).toMatchObject({
      status: 'LOADING',
      writers: Object.fromEntries(names.map((name, index) => [name, leases[index]])),
    });
    await Promise.all(names.slice(1).map((name) => entry.stopWriting(name)));
    expect(await ledger.writers()).toEqual({ [names[0] ?? '']: leases[0] });
    // Removing it twice does no harm.
    await entry.stopWriting(names[1] ?? '');
  });

  test('can still remove its writer after it is superseded', async () => {
    await ledger.claim('one', 1);
    const writer = await ledger.entry('one').startWriting(writing(soon()));
    await ledger.claim('two', 2);
    await ledger.entry('one').stopWriting(writer);
    expect(await ledger.stored()).toMatchObject({ execution: 'two' });
    expect(await ledger.writers()).toEqual({});
  });

  test('creates no entry when it removes a writer without one', async () => {
    await ledger.entry('one').stopWriting('aaaaaaaaaaaa');
    expect(await ledger.stored()).toBeUndefined();
  });
});

test('if DynamoDB does not answer, a transient error is thrown, except while another error is handled', async () => {
  await ledger.claim('one', 1);
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const entry = ledger.entry('one', () => Promise.reject(refused));
  const until = { writer: soon(), execution: soon() };
  await expect(entry.read()).rejects.toThrow(ServiceUnavailableError);
  await expect(entry.isOwner()).rejects.toThrow(ServiceUnavailableError);
  await expect(entry.claim(upload(1), soon(), never, ledger.startOf('one'))).rejects.toThrow(
    ServiceUnavailableError,
  );
  await expect(entry.renew('CHECKING', soon())).rejects.toThrow(ServiceUnavailableError);
  await expect(entry.beginLoad(soon())).rejects.toThrow(ServiceUnavailableError);
  await expect(entry.startWriting(until)).rejects.toThrow(ServiceUnavailableError);
  await entry.shorten(1);
  await entry.fail('HeaderError');
  await entry.stopWriting('aaaaaaaaaaaa');
});

describe('during a deploy, two versions of the code share the ledger', () => {
  /**
   * As versions of the pipeline have stored it. Entries like these are in the tables, and executions of these versions run
   * for days: do not change them when the form of new entries changes, but add one.
   */
  const first = {
    modified: 1_000,
    sequencer: '0010',
    versionId: 'version-1',
    etag: 'etag-1',
    status: 'LOADING',
    execution: 'earlier',
    lease: 1_796_000_000_000,
    writers: { '0a1b2c3d4e5f': 1_796_000_000_000 },
    claimed: '2026-11-28T01:00:00.000Z',
  };
  const fenced = { ...first, claim: '000102030405060708090a0b', index: { id: '3-earlier' } };
  const timed = { ...fenced, started: 1_795_999_000_000 };
  const ordered = { ...timed, uploaded: 1_000, newest: 1_000 };

  const store = (entry: object) => ledger.set({ pk: `s3://source/${ledger.key}`, ...entry });

  test.each([
    ['before claims had a token', first],
    ['with a token for each claim and an id for each load', fenced],
    ['with the start of the execution', timed],
    ['with the times of its uploads', ordered],
  ])('an entry %s is read, as it was begun and as it was finished', async (_, stored) => {
    await store(stored);
    expect(await ledger.entry('new').read()).toEqual(stored);
    expect(await ledger.entry('earlier').isOwner()).toBe(true);
    const counts = { read: 4, loaded: 1, rejected: 2, duplicates: 1 };
    const loaded = { ...stored, status: 'LOADED', lease: 0, ended: '2026-11-28T01:01:00.000Z', ...counts };
    await store(loaded);
    expect(await ledger.entry('new').read()).toEqual(loaded);
    expect(await ledger.claim('new', 1)).toMatchObject({ comparison: 'loaded', recorded: counts });
    expect(await ledger.claim('new', 2)).toMatchObject({ comparison: 'newer' });
  });

  test('an upload counts as uploaded after those that the version before claimed, which leaves the times alone', async () => {
    const within = upload(2, { modified: 1_000 });
    const claim = () => ledger.entry('new').claim(within, soon(), never, ledger.startOf('new'));
    await store(timed);
    await claim();
    expect(await ledger.stored()).toMatchObject({ uploaded: 1_001, newest: 1_001 });
    await store({ ...ordered, ...within, sequencer: '0020', modified: 9_000, status: 'FAILED' });
    await ledger.entry('new').claim({ ...within, modified: 9_000 }, soon(), never, ledger.startOf('new'));
    expect(await ledger.stored()).toMatchObject({ uploaded: 9_000, newest: 9_000 });
  });

  test.each([
    ['without a start may be claimed', 'loading', fenced],
    ['with a later start may not', 'overtaken', timed],
  ])('by a forced start, an entry %s', async (_, comparison, entry) => {
    await store({ ...entry, lease: soon() });
    expect(await ledger.claim('new', 1, soon(), true)).toMatchObject({ comparison });
    expect(await ledger.entry('new').isOwner()).toBe(comparison !== 'overtaken');
  });

  test('an entry with attributes that only a later version knows is read, and keeps them', async () => {
    const later = { since: 'later', nested: { a: [1, 2] } };
    await store({ ...fenced, ...later, execution: 'one' });
    expect(await ledger.entry('one').read()).toEqual({ ...fenced, execution: 'one' });
    await ledger.entry('one').renew('LOADING', soon());
    expect(await ledger.stored()).toMatchObject(later);
    await ledger.claim('two', 2);
    await ledger.entry('two').finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 });
    expect(await ledger.stored()).toMatchObject({ ...later, execution: 'two', status: 'LOADED' });
  });
});

describe('a load with an index begins', () => {
  const stored = (id: string) => ({ id, complete: false, keys: 2, salt: 's', table: 't' });
  const none = () => undefined;
  const counts = { read: 1, loaded: 1, rejected: 0, duplicates: 0 };

  test('with the claim’s index as its base, and completes its own', async () => {
    expect(await ledger.claim('one', 1)).not.toHaveProperty('index.id');
    const one = ledger.entry('one');
    expect(await one.beginWithIndex(soon(), null, stored('1-one'), none)).toBe('1-one');
    expect(await ledger.claim('two', 2)).toMatchObject({ index: { id: '1-one', stored: stored('1-one') } });
    const two = ledger.entry('two');
    expect(await two.beginWithIndex(soon(), '1-one', stored('2-two'), none)).toBe('2-two');
    await two.ofLoad('2-two').finish(counts, true);
    const { index } = await ledger.claim('three', 3);
    expect(index).toEqual({ id: '2-two', stored: { ...stored('2-two'), complete: true } });
  });

  test('and its index must not change any more when it is complete, or another upload is claimed', async () => {
    await ledger.claim('one', 1);
    const one = ledger.entry('one');
    await one.verifyUnfinished();
    await one.finish(counts);
    await expect(one.verifyUnfinished()).rejects.toThrow(SupersededError);
    await ledger.claim('two', 2);
    await expect(one.verifyUnfinished()).rejects.toThrow(SupersededError);
  });

  test('once, without removing the writers that it has by then', async () => {
    await ledger.claim('one', 1);
    const one = ledger.entry('one');
    await one.beginWithIndex(soon(), null, stored('1-one'), none);
    await one.ofLoad('1-one').startWriting({ writer: soon(), execution: soon() });
    expect(await one.beginWithIndex(soon(), null, stored('1-one'), none)).toBe('1-one');
    expect(Object.keys((await ledger.writers()) ?? {})).toHaveLength(1);
  });

  test('only if no other load has begun since, whose index it gets', async () => {
    await ledger.claim('one', 1);
    await ledger.entry('one').beginWithIndex(soon(), null, stored('1-one'), none);
    await ledger.claim('two', 2);
    const two = ledger.entry('two');
    const refused = () => {
      throw new Error('It was compared with another index.');
    };
    const other = { id: '1-one', stored: stored('1-one') };
    expect(await two.beginWithIndex(soon(), null, stored('1-two'), refused)).toEqual(other);
    expect(await ledger.stored()).toMatchObject({ index: other, status: 'CHECKING' });
  });

  test('only if nothing speaks against it, and the claim is its own', async () => {
    await ledger.claim('one', 1);
    const refused = () => {
      throw new RangeError('It removes too much.');
    };
    const one = ledger.entry('one');
    await expect(one.beginWithIndex(soon(), null, stored('1-one'), refused)).rejects.toThrow(RangeError);
    await ledger.claim('two', 2);
    await expect(one.beginWithIndex(soon(), null, stored('1-one'), refused)).rejects.toThrow(SupersededError);
    expect(await ledger.stored()).not.toHaveProperty('index');
  });

  test('and a load without one leaves what is known, under an id of its own, and never completes it', async () => {
    await ledger.claim('one', 1);
    await ledger.entry('one').beginWithIndex(soon(), null, stored('1-one'), none);
    await ledger.claim('two', 2);
    expect(await ledger.entry('two').beginLoad(soon())).toBe('2-two');
    await ledger.entry('two').ofLoad('2-two').finish(counts);
    expect((await ledger.stored())?.index).toEqual({ id: '2-two', stored: stored('1-one') });
  });
});
