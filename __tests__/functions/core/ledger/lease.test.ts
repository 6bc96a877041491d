/** What functions do under a lease, and when another execution claims the upload. */

import { setTimeout as sleep } from 'node:timers/promises';
import { HeaderError, ServiceUnavailableError, SupersededError } from '../../../../functions/core/errors.ts';
import { asWriter, leaseEnd, orSuperseded, underLease } from '../../../../functions/core/ledger/lease.ts';
import { ledgerForTests } from '../../../support/ledger-table.ts';

const ledger = ledgerForTests();

const claim = (execution: string, number: number) => ledger.claim(execution, number, Date.now() + 1, true);
beforeEach(() => claim('one', 1));

const REMAINING = 60_000;
const context = { getRemainingTimeInMillis: () => REMAINING };

/** Checks that a lease ends in a number of milliseconds, minus those that the test takes. */
function expectLease(lease: unknown, milliseconds: number): void {
  expect(Number(lease) - Date.now()).toBeGreaterThan(milliseconds - 5_000);
  expect(Number(lease) - Date.now()).toBeLessThanOrEqual(milliseconds);
}

test("a lease ends 90 seconds after the function's timeout", () => {
  expectLease(leaseEnd(context), REMAINING + 90_000);
});

describe('work under a lease', () => {
  test.each(['CHECKING', 'LOADING'] as const)(
    'renews the lease first, with the status %s',
    async (status) => {
      const result = await underLease(
        ledger.entry('one'),
        context,
        async () => {
          const stored = await ledger.stored();
          expect(stored).toMatchObject({ status });
          expectLease(stored?.lease, REMAINING + 90_000);
          return 'done';
        },
        status,
      );
      expect(result).toBe('done');
    },
  );

  test('does not begin where the upload is another execution’s', async () => {
    await claim('two', 2);
    const stored = await ledger.stored();
    const work = jest.fn();
    await expect(underLease(ledger.entry('one'), context, work)).rejects.toThrow(SupersededError);
    expect(work).not.toHaveBeenCalled();
    expect(await ledger.stored()).toEqual(stored);
  });

  test('records the name of its error if it fails', async () => {
    const work = () => Promise.reject(new HeaderError('no header'));
    await expect(underLease(ledger.entry('one'), context, work)).rejects.toThrow(HeaderError);
    const stored = await ledger.stored();
    expect(stored).toMatchObject({
      status: 'FAILED',
      error: 'HeaderError',
      lease: 0,
      ended: expect.any(String),
    });
    expect(JSON.stringify(stored)).not.toContain('no header');
  });

  test('that finds a service unavailable keeps a lease until its retry', async () => {
    const work = () => Promise.reject(new ServiceUnavailableError('later'));
    const tried = underLease(ledger.entry('one'), context, work, 'LOADING');
    await expect(tried).rejects.toThrow(ServiceUnavailableError);
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ status: 'LOADING' });
    expect(stored).not.toHaveProperty('error');
    expectLease(stored?.lease, 90_000);
  });

  test('that is superseded changes nothing in the ledger', async () => {
    const entry = ledger.entry('one');
    const before = await ledger.stored();
    const work = () => Promise.reject(entry.superseded());
    await expect(underLease(entry, context, work)).rejects.toThrow(SupersededError);
    expect(await ledger.stored()).toEqual({ ...before, lease: expect.any(Number) });
  });
});

describe('a writer', () => {
  test('is registered in the ledger for as long as it writes', async () => {
    const result = await asWriter(ledger.entry('one'), context, async (isOwner) => {
      const stored = await ledger.stored();
      expect(stored).toMatchObject({ status: 'LOADING' });
      expectLease(stored?.lease, REMAINING + 90_000);
      const [lease, ...more] = Object.values(stored?.writers ?? {});
      expect(more).toEqual([]);
      expectLease(lease, REMAINING + 10_000);
      return isOwner();
    });
    expect(result).toBe(true);
    expect(await ledger.stored()).toMatchObject({ status: 'LOADING' });
    expect(await ledger.writers()).toEqual({});
  });

  test('one of whose requests had no answer stays in the ledger until its lease ends', async () => {
    await asWriter(ledger.entry('one'), context, async (_, unanswered) => {
      unanswered();
      return 'done';
    });
    const [lease] = Object.values(Object(await ledger.writers()));
    expectLease(Number(lease), REMAINING + 10_000);
  });

  test('does not begin where the upload is another execution’s', async () => {
    await claim('two', 2);
    const stored = await ledger.stored();
    const work = jest.fn();
    await expect(asWriter(ledger.entry('one'), context, work)).rejects.toThrow(SupersededError);
    expect(work).not.toHaveBeenCalled();
    expect(await ledger.stored()).toEqual(stored);
  });

  test.each([
    ['fails', new TypeError('x'), { status: 'FAILED', error: 'TypeError' }],
    ['finds the table unavailable', new ServiceUnavailableError('x'), { status: 'LOADING' }],
  ])('that %s is removed from the ledger', async (_, error, recorded) => {
    const work = () => Promise.reject(error);
    await expect(asWriter(ledger.entry('one'), context, work)).rejects.toBe(error);
    expect(await ledger.stored()).toMatchObject({ ...recorded });
    expect(await ledger.writers()).toEqual({});
  });

  test.each([
    ['ends', async () => 'done'],
    ['is cut off', () => Promise.reject(new TypeError('cut off'))],
  ])('learns within about two seconds that it is superseded; it %s, and is removed', async (_, end) => {
    let elapsed = 0;
    const writing = asWriter(ledger.entry('one'), context, async (isOwner) => {
      expect(isOwner()).toBe(true);
      await claim('two', 2);
      const since = performance.now();
      while (isOwner() && performance.now() - since < 10_000) await sleep(50);
      elapsed = performance.now() - since;
      return end();
    });
    await expect(writing).rejects.toThrow(SupersededError);
    expect(elapsed).toBeLessThan(4_000);
    const stored = await ledger.stored();
    expect(stored).toMatchObject({ execution: 'two', status: 'CHECKING' });
    expect(await ledger.writers()).toEqual({});
    expect(stored).not.toHaveProperty('error');
  });

  test('continues if the check for a newer claim fails, and learns of it at the next check', async () => {
    let checks = 0;
    const entry = ledger.entry('one', async (operation) => {
      if (operation !== 'GetItemCommand') return;
      checks += 1;
      if (checks === 1) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    });
    const writing = asWriter(entry, context, async (isOwner) => {
      await claim('two', 2);
      while (checks < 1) await sleep(50);
      await sleep(200);
      expect(isOwner()).toBe(true);
      while (isOwner() && checks < 5) await sleep(50);
      return isOwner();
    });
    await expect(writing).rejects.toThrow(SupersededError);
    expect(checks).toBe(2);
  });

  test('that is superseded stays so when an earlier check ends late and still found its own name', async () => {
    const timers = jest.useFakeTimers({
      doNotFake: ['nextTick', 'performance', 'setImmediate', 'setTimeout'],
    });
    const entry = ledger.entry('one');
    const early = Promise.withResolvers<boolean>();
    jest.spyOn(entry, 'isOwner').mockReturnValueOnce(early.promise).mockResolvedValue(false);
    const writing = asWriter(entry, context, async (isOwner) => {
      timers.advanceTimersByTime(4_000);
      await sleep(1);
      expect(isOwner()).toBe(false);
      early.resolve(true);
      await sleep(1);
      expect(isOwner()).toBe(false);
    });
    await expect(writing).rejects.toThrow(SupersededError);
    timers.useRealTimers();
  });

  test('that cannot be removed from the ledger still returns its result', async () => {
    let updates = 0;
    const entry = ledger.entry('one', async (operation) => {
      if (operation !== 'UpdateItemCommand') return;
      updates += 1;
      if (updates > 1) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    });
    expect(await asWriter(entry, context, async () => 'done')).toBe('done');
    expect(Object.keys(Object(await ledger.writers()))).toHaveLength(1);
  });
});

test('a chunk is returned unchanged if its upload is superseded; any other error is thrown', async () => {
  const chunk = { at: 5, read: 3 };
  expect(await orSuperseded(chunk, Promise.resolve({ at: 9, read: 7 }))).toEqual({
    at: 9,
    read: 7,
    superseded: false,
  });
  const superseded = ledger.entry('one').superseded();
  expect(await orSuperseded(chunk, Promise.reject(superseded))).toEqual({ ...chunk, superseded: true });
  const failed = new HeaderError('x');
  await expect(orSuperseded(chunk, Promise.reject(failed))).rejects.toBe(failed);
});
