/** When several executions claim an object at the same time, one holds it in the end, and all others know. */

import fc from 'fast-check';
import { ServiceUnavailableError, SupersededError } from '../../../../functions/core/errors.ts';
import type { Upload } from '../../../../functions/core/ledger/upload-order.ts';
import { inFull } from '../../../support/full-run.ts';
import { ledgerForTests, never, soon, upload } from '../../../support/ledger-table.ts';

const ledger = ledgerForTests();

describe('a change between reading and writing the ledger is noticed:', () => {
  test('an execution that seemed dead renews its lease', async () => {
    await ledger.claim('one', 1, Date.now() - 1);
    let writes = 0;
    const late = ledger.entry('two', async (operation) => {
      if (operation !== 'UpdateItemCommand') return;
      writes += 1;
      if (writes === 1) await ledger.entry('one').renew('CHECKING', soon());
    });
    expect(await late.claim(upload(1), soon(), never, ledger.startOf('two'))).toMatchObject({
      comparison: 'loading',
    });
    expect(await ledger.entry('one').isOwner()).toBe(true);
    expect(writes).toBe(1);
  });

  test('an execution that seemed dead finishes', async () => {
    const lease = 0;
    await ledger.claim('one', 1, lease);
    const late = ledger.entry('two', async (operation) => {
      if (operation !== 'UpdateItemCommand') return;
      await ledger.entry('one').finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 });
    });
    expect(await late.claim(upload(1), soon(), never, ledger.startOf('two'))).toMatchObject({
      comparison: 'loaded',
    });
    expect(await ledger.stored()).toMatchObject({ status: 'LOADED', execution: 'one', lease });
  });

  test.each([
    ['an object with an entry', true],
    ['an object without an entry', false],
  ])('a newer upload of %s is claimed', async (_, hasEntry) => {
    if (hasEntry) await ledger.claim('one', 1);
    const late = ledger.entry('two', async (operation) => {
      if (operation === 'UpdateItemCommand') await ledger.claim('three', 3);
    });
    expect(await late.claim(upload(2), soon(), never, ledger.startOf('two'))).toMatchObject({
      comparison: 'older',
    });
    expect(await ledger.stored()).toMatchObject({ ...upload(3), execution: 'three' });
  });

  test('the execution that was read claims again, a newer upload', async () => {
    await ledger.claim('two', 2);
    let writes = 0;
    const late = ledger.entry('three', async (operation) => {
      if (operation !== 'UpdateItemCommand') return;
      writes += 1;
      if (writes > 1) return;
      // As a manual start without a version, whose repeated invocation finds a newer upload.
      await ledger.claim('two', 4);
    });
    expect(await late.claim(upload(3), soon(), never, ledger.startOf('three'))).toMatchObject({
      comparison: 'older',
    });
    expect(await ledger.stored()).toMatchObject({ ...upload(4), execution: 'two' });
  });

  test.each([
    ['is claimed', ''],
    ['was claimed again by a version without tokens, and is not', 'other'],
  ])('an entry that a version without tokens wrote %s', async (_, other) => {
    await ledger.claim('one', 1);
    await ledger.set({ claim: undefined });
    const next = ledger.entry('two', async (operation) => {
      if (operation === 'UpdateItemCommand' && other !== '')
        await ledger.set({ ...upload(3), execution: other });
    });
    const { comparison } = await next.claim(upload(2), soon(), never, ledger.startOf('two'));
    expect(comparison).toBe(other === '' ? 'newer' : 'older');
    expect(await ledger.stored()).toMatchObject({ execution: other === '' ? 'two' : other });
  });

  test('others keep claiming the upload, until this execution gives up and is retried later', async () => {
    let others = 0;
    const late = ledger.entry('late', async (operation) => {
      if (operation !== 'UpdateItemCommand') return;
      others += 1;
      await ledger.claim(`other-${others}`, 1, soon(), true);
    });
    const start = { started: Date.now(), force: true };
    await expect(late.claim(upload(1), soon(), never, start)).rejects.toThrow(ServiceUnavailableError);
    expect(others).toBe(20);
  });
});

test.each([
  ['with a version', upload(1), upload(2)],
  ['in a bucket without versions', upload(1, { versionId: undefined }), upload(2, { versionId: undefined })],
])(
  'an execution that has claimed a newer upload again does not load the one %s that it pinned',
  async (_, older, newer) => {
    const claim = (claimed: Upload) =>
      ledger.entry('one').claim(claimed, soon(), never, ledger.startOf('one'));
    await claim(older);
    await claim(newer);
    const entry = ledger.entry('one', undefined, older);
    expect(await entry.isOwner()).toBe(false);
    await expect(entry.renew('CHECKING', soon())).rejects.toThrow(SupersededError);
    await expect(entry.beginLoad(soon())).rejects.toThrow(SupersededError);
    await expect(entry.finish({ read: 1, loaded: 1, rejected: 0, duplicates: 0 })).rejects.toThrow(
      SupersededError,
    );
    await entry.fail('Error');
    expect(await ledger.stored()).toMatchObject({ etag: newer.etag, status: 'CHECKING' });
    expect(await ledger.entry('one', undefined, newer).beginLoad(soon())).toBe('1-one');
  },
);

describe('of executions that claim at the same time', () => {
  /** The upload of each execution; several may be the same. */
  const uploads = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });

  /** The executions that hold the entry: they can renew their lease, and the others cannot. */
  async function holders(count: number): Promise<number[]> {
    const held: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const entry = ledger.entry(`execution-${index}`);
      const isOwner = await entry.isOwner();
      if (isOwner) held.push(index);
      const renewed = entry.renew('CHECKING', soon());
      await (isOwner ? renewed : expect(renewed).rejects.toThrow(SupersededError));
    }
    return held;
  }

  test('exactly one holds the newest upload in the end, and the others know', async () => {
    await fc.assert(
      fc.asyncProperty(uploads, async (numbers) => {
        ledger.nextObject();
        const claims = await Promise.all(
          numbers.map((number, index) => ledger.claim(`execution-${index}`, number)),
        );
        const newest = Math.max(...numbers);
        const claimsOfNewest = claims.filter((_, index) => numbers[index] === newest);
        expect(claimsOfNewest.map(({ comparison }) => comparison).sort()).toEqual([
          ...Array.from({ length: claimsOfNewest.length - 1 }, () => 'loading'),
          'newer',
        ]);
        const [holder, ...more] = await holders(numbers.length);
        expect(more).toEqual([]);
        expect(numbers[holder ?? -1]).toBe(newest);
        expect(claims[holder ?? -1]?.comparison).toBe('newer');
        expect(await ledger.stored()).toMatchObject(upload(newest));
        for (const [index, { comparison }] of claims.entries()) {
          if (numbers[index] !== newest) expect(['newer', 'loading', 'older']).toContain(comparison);
        }
      }),
      { numRuns: inFull(40, 6) },
    );
  });

  test('exactly one takes over after a lease has ended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), async (count) => {
        ledger.nextObject();
        await ledger.claim('dead', 1, Date.now() - 1);
        const claims = await Promise.all(
          Array.from({ length: count }, (_, index) => ledger.claim(`execution-${index}`, 1)),
        );
        expect(claims.map(({ comparison }) => comparison).sort()).toEqual([
          ...Array.from({ length: count - 1 }, () => 'loading'),
          'retry',
        ]);
        expect(await holders(count)).toEqual([claims.findIndex(({ comparison }) => comparison === 'retry')]);
      }),
      { numRuns: inFull(15, 3) },
    );
  });

  test('exactly one holds the entry in the end, even if all of them force it', async () => {
    await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        ledger.claim(`execution-${index}`, (index % 3) + 1, soon(), true),
      ),
    );
    // It is the one that started last.
    expect(await holders(6)).toEqual([5]);
  });
});
