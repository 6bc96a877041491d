import { problemsOf } from '../../../bench/compare/checks.ts';
import type { Measurement } from '../../../bench/measure/measure.ts';

const MEBIBYTE = 1024 ** 2;

function measured(change: Partial<Measurement> = {}, peak = 150): Measurement {
  const rows = 10_000_000;
  const usage = { processes: 4, peakBytes: peak * MEBIBYTE, cpuSeconds: 100 };
  return {
    size: 1e9,
    rows,
    chunks: 118,
    planBytes: 7e6,
    planBytesAllowed: 7e6,
    bytesServed: 2e9,
    requests: {
      HEAD: 1,
      GET: 400,
      LIST: 0,
      PUT: 0,
      POST: 0,
      BatchWriteItem: 400_000,
      ledgerReads: 5,
      ledgerWrites: 300,
    },
    invocations: 241,
    largestPayload: 13_000,
    transitions: 715,
    historyEvents: 2_625,
    retries: false,
    seconds: { plan: 1, validate: 80, load: 800 },
    functions: { 'validate-csv': usage, 'load-to-dynamodb': usage },
    counts: { read: rows, loaded: rows, rejected: 0, duplicates: 0, written: rows, writtenAgain: 0 },
    ...change,
  };
}

test('figures at their limits are not a problem', () => {
  expect(problemsOf([measured(), measured({ planBytes: 1e7, planBytesAllowed: 1e7 }, 165)])).toEqual([]);
});

const { counts } = measured();
test.each([
  ['reading more than the windows', measured({ planBytes: 7e6 + 1 }), /read to plan, more than the 7000000/],
  [
    'reading more than 1 %',
    measured({ planBytes: 2e7, planBytesAllowed: 3e7 }),
    /read to plan, more than 1 %/,
  ],
  ['a large payload', measured({ largestPayload: 200_001 }), /a payload has 200001 bytes/],
  ['a retry', measured({ retries: true }), /retried/],
  ['a lost row', measured({ counts: { ...counts, written: counts.written - 1 } }), /the counts are/],
  ['a row written twice', measured({ counts: { ...counts, writtenAgain: 1 } }), /the counts are/],
  ['too much memory', measured({}, 256), /used 256 MB, and must stay below 256 MB/],
])('%s is a problem', (_, measurement, problem) => {
  expect(problemsOf([measurement])).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
});

test('memory that grows with the file is a problem', () => {
  expect(problemsOf([measured(), measured({}, 166)])).toEqual([
    'validate-csv used 150 MB for the smallest file and 166 MB for the largest, 11 % more',
    'load-to-dynamodb used 150 MB for the smallest file and 166 MB for the largest, 11 % more',
  ]);
});
