/** Which of two uploads of the same feed counts. */

import fc from 'fast-check';
import {
  compareSequencers,
  compareUploads,
  compareWithRecorded,
  isSame,
  type RecordedUpload,
  type UploadComparison,
  type UploadIdentity,
} from '../../../../functions/core/ledger/upload-order.ts';

/** Length of the longest sequencer that an input may have. */
const MAX_DIGITS = 64;

/** In upper and lower case, of any length, and often with common digits. */
const sequencer = fc.oneof(
  fc
    .array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: 1, maxLength: MAX_DIGITS })
    .map((digits) => digits.join('')),
  fc
    .array(fc.constantFrom('0', '1', 'a', 'A'), { minLength: 1, maxLength: 4 })
    .map((digits) => digits.join('')),
);

/** The number that the digits form when padded with zeros on the right. */
function numberOf(digits: string): bigint {
  return BigInt(`0x${digits}`) << BigInt(4 * (MAX_DIGITS - digits.length));
}

describe('sequencers', () => {
  test('are ordered like numbers after padding with zeros on the right', () => {
    fc.assert(
      fc.property(sequencer, sequencer, (one, other) => {
        const [left, right] = [numberOf(one), numberOf(other)];
        expect(compareSequencers(one, other)).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
      { numRuns: 2_000 },
    );
  });

  test('have a total order, whatever their number and length', () => {
    fc.assert(
      fc.property(fc.array(sequencer, { maxLength: 20 }), (sequencers) => {
        const sorted = sequencers.toSorted(compareSequencers);
        expect(sequencers.toReversed().toSorted(compareSequencers).map(numberOf)).toEqual(
          sorted.map(numberOf),
        );
        sorted.forEach((one, position) => {
          for (const other of sorted.slice(position)) {
            expect(compareSequencers(one, other)).toBeLessThanOrEqual(0);
            expect(compareSequencers(other, one)).toBeGreaterThanOrEqual(0);
          }
        });
      }),
    );
  });

  test.each([
    ['0055AED6DCD90281E5', '0055AED6DCD90281E6', -1],
    ['0055AED6DCD90281E5', '0055aed6dcd90281e5', 0],
    ['0055AED6DCD90281', '0055AED6DCD90281E5', -1],
    ['0055AED6DCD90281', '0055AED6DCD9028100', 0],
    ['1', '0FFFFFFFFFFFFFFFFF', 1],
    ['9', 'A', -1],
  ])('%s and %s', (one, other, order) => {
    expect(compareSequencers(one, other)).toBe(order);
    expect(compareSequencers(other, one)).toBe(order === 0 ? 0 : -order);
  });
});

const now = 1_700_000_000_000;
const asked = { execution: 'mine', now };

const recorded: RecordedUpload = {
  etag: 'e1',
  versionId: 'v1',
  sequencer: '0050',
  modified: now - 60_000,
  status: 'LOADED',
  execution: 'another',
  lease: 0,
};

/** The same upload as what is recorded. */
const same = { etag: 'e1', versionId: 'v1', sequencer: '0050', modified: now - 60_000 };

describe('an upload', () => {
  test('of an object without a ledger entry is newer', () => {
    expect(compareWithRecorded({}, undefined, asked)).toBe('newer');
  });

  test.each<[string, UploadIdentity, UploadComparison]>([
    ['with a later sequencer', { versionId: 'v2', sequencer: '0051' }, 'newer'],
    ['with an earlier sequencer', { versionId: 'v0', sequencer: '0049' }, 'older'],
    ['with another version and the same sequencer', { versionId: 'v0', sequencer: '005' }, 'older'],
    ['with a later sequencer and an older time', { sequencer: '0051', modified: 0 }, 'newer'],
    ['with only the same version', { versionId: 'v1' }, 'loaded'],
    ['with the same version and another sequencer', { versionId: 'v1', sequencer: '0099' }, 'loaded'],
    ['with only the same sequencer', { sequencer: '00500' }, 'loaded'],
    ['with the same time and ETag', { etag: 'e1', modified: now - 60_000 }, 'loaded'],
    ['with the same time and another ETag', { etag: 'e2', modified: now - 60_000 }, 'unknown'],
    ['with the same ETag and a later time', { etag: 'e1', modified: now }, 'newer'],
    ['with an earlier time', { etag: 'e2', modified: 0 }, 'older'],
    ['without any properties', {}, 'unknown'],
    ['with only an ETag', { etag: 'e1' }, 'unknown'],
    ['with only another version', { versionId: 'v2' }, 'unknown'],
  ])('%s', (_, upload, expected) => {
    expect(compareWithRecorded(upload, recorded, asked)).toBe(expected);
  });

  test.each<[string, Partial<RecordedUpload>, UploadComparison]>([
    ['was loaded', {}, 'loaded'],
    ['was loaded, and has a lease left', { lease: now + 1 }, 'loaded'],
    ['is being validated by another execution', { status: 'CHECKING', lease: now + 1 }, 'loading'],
    ['is being loaded by another execution', { status: 'LOADING', lease: now + 1 }, 'loading'],
    ['belongs to an execution whose lease has ended', { status: 'LOADING', lease: now }, 'retry'],
    ['failed', { status: 'FAILED', lease: now + 1 }, 'retry'],
    ['belongs to the same execution', { status: 'CHECKING', execution: 'mine', lease: now + 1 }, 'retry'],
  ])('that %s', (_, changes, expected) => {
    expect(compareWithRecorded(same, { ...recorded, ...changes }, asked)).toBe(expected);
  });

  test('is newer or older by its sequencer, whatever the status of the recorded one', () => {
    const statuses = ['CHECKING', 'LOADING', 'LOADED', 'FAILED'] as const;
    fc.assert(
      fc.property(
        sequencer,
        sequencer,
        fc.constantFrom(...statuses),
        fc.constantFrom('mine', 'another'),
        fc.constantFrom(0, now + 1),
        (one, other, status, execution, lease) => {
          fc.pre(numberOf(one) !== numberOf(other));
          const before = { sequencer: other, status, execution, lease };
          expect(compareWithRecorded({ sequencer: one }, before, asked)).toBe(
            numberOf(one) > numberOf(other) ? 'newer' : 'older',
          );
        },
      ),
    );
  });
});

describe('uploads of a feed of several keys', () => {
  const minute = 60_000;
  /** Uploaded in parts from 10:00 to 10:02, when its event was sent. */
  const inParts = { key: 'a', versionId: 'v1', etag: 'e1', modified: now, sequencer: '0062' };
  /** At 10:01, and started by hand. */
  const typed = { key: 'a', versionId: 'v2', etag: 'e2', modified: now + minute };
  /** At 10:01, with its event. */
  const other = { key: 'b', versionId: 'v3', etag: 'e3', modified: now + minute, sequencer: '0061' };

  test('have no cycle where an order by sequencers, or by the times of events, has one', () => {
    const ascending = [inParts, typed, other];
    for (const [position, later] of ascending.entries()) {
      for (const earlier of ascending.slice(0, position)) {
        expect(compareUploads(later, earlier)).toBeGreaterThan(0);
        expect(compareUploads(earlier, later)).toBeLessThan(0);
      }
    }
  });

  const upload = fc.record({
    key: fc.constantFrom('a', 'b', 'B'),
    modified: fc.constantFrom(0, 1_000, 2_000),
    sequencer: fc.option(sequencer, { nil: undefined }),
  });

  test('are ordered by their times, then by their keys, then by their sequencers', () => {
    fc.assert(
      fc.property(upload, upload, upload, (one, two, three) => {
        const order = compareUploads(one, two) ?? 0;
        expect(Math.sign(compareUploads(two, one) ?? 0) + Math.sign(order)).toBe(0);
        if (one.modified !== two.modified) expect(order > 0).toBe(one.modified > two.modified);
        else if (one.key !== two.key) expect(order > 0).toBe(one.key > two.key);
        if (order > 0 && (compareUploads(two, three) ?? 0) > 0) {
          expect(compareUploads(one, three)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('are not the same if their keys differ, whatever else is the same', () => {
    expect(isSame(inParts, { ...inParts })).toBe(true);
    expect(isSame(inParts, { ...inParts, key: 'b' })).toBe(false);
    const before = { ...recorded, ...inParts };
    expect(compareWithRecorded({ ...inParts, key: 'A' }, before, asked)).toBe('older');
    expect(compareWithRecorded({ ...inParts, key: 'b' }, before, asked)).toBe('newer');
  });

  test('are unknown until S3 has said when they were uploaded, but for the one that is recorded', () => {
    const before = { ...recorded, ...other };
    expect(compareWithRecorded({ key: 'b', sequencer: '0070' }, before, asked)).toBe('unknown');
    expect(compareWithRecorded({ key: 'a', sequencer: '0070' }, before, asked)).toBe('unknown');
    expect(compareWithRecorded({ key: 'b', versionId: 'v3' }, before, asked)).toBe('loaded');
  });

  test('are compared with the newest one, if an older one counts', () => {
    const before = { ...recorded, ...inParts, latest: other };
    expect(compareWithRecorded(inParts, before, asked)).toBe('loaded');
    expect(compareWithRecorded(typed, before, asked)).toBe('older');
    expect(compareWithRecorded(other, before, asked)).toBe('older');
    expect(compareWithRecorded({ ...other, key: 'c' }, before, asked)).toBe('newer');
  });
});
