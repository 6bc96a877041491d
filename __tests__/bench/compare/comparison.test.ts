import type { Comparison } from '../../../bench/compare/comparison.ts';
import { LOCAL_RUN, median, pairedRatio, ratios, worseThan } from '../../../bench/compare/comparison.ts';
import { type Load, nightlyRatios, problemsOf, totalOf } from '../../../bench/nightly/night.ts';

const round = (cpuSeconds: number) => ({ cpuSeconds, peakBytes: 1 });
const start = (name: string, ...cpuSeconds: number[]) => ({ name, cpuSeconds, wallSeconds: cpuSeconds });

const comparison: Comparison = {
  machine: { processors: '', memoryGb: 0, system: '' },
  loadAverage: 0,
  versions: {},
  date: '',
  bytes: 1e6,
  rows: 1_000,
  series: [
    { name: 'this pipeline', does: '', rounds: [round(1), round(10), round(2)] },
    { name: 'a peer', does: '', rounds: [round(5), round(50), round(8)] },
  ],
  memory: [
    { name: 'this pipeline', bytes: 1, peakBytes: 100 },
    { name: 'a peer', bytes: 9, peakBytes: 900 },
    { name: 'this pipeline', bytes: 9, peakBytes: 110 },
  ],
  rowMemory: [
    { rowBytes: 1, validatePeakBytes: 64 * 1024 ** 2, loadPeakBytes: 192 * 1024 ** 2 },
    { rowBytes: 2, validatePeakBytes: 128 * 1024 ** 2, loadPeakBytes: 96 * 1024 ** 2 },
  ],
  coldStarts: [start('bare', 1, 2, 4), start('loaded', 3, 4, 8)],
  bundles: [
    { name: 'one', code: 250_000, zip: 1 },
    { name: 'other', code: 90_000, zip: 1 },
  ],
  synth: [start('ours', 1), start('theirs', 4)],
  waits: [
    { name: `${LOCAL_RUN} one core`, seconds: [9, 8] },
    { name: `${LOCAL_RUN} two cores`, seconds: [5, 4] },
  ],
  throttled: [
    { capacity: 1, busy: 0.96, refused: 0.01 },
    { capacity: 2, busy: 0.97, refused: 0.02 },
  ],
  profile: {},
  absent: [],
};

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('ratios are computed for each round, so that a round on a busy machine does not count more', () => {
  expect(pairedRatio([10, 20, 300], [1, 2, 3])).toBe(10);
  expect(ratios(comparison)).toEqual({
    'rows per CPU-second, over a peer': 5,
    'peak memory, largest file over smallest': 1.1,
    'peak memory with long rows, over 256 MB': 0.75,
    'CPU time of a cold start, loaded over the bare runtime': 2,
    "largest function's code, over 550 KB": 250 / 550,
    'CPU time of a synth, over theirs': 0.25,
    'a local run, one core over two': 1.9,
    "share of a table's capacity that is used": 0.96,
    'share of requests that a table throttles': 0.02,
  });
});

test('a ratio that is worse than its bound is reported, and one that was not measured is not', () => {
  const bounds = {
    'rows per CPU-second, over a peer': { atLeast: 5.5 },
    'peak memory, largest file over smallest': { atMost: 1.1 },
    'CPU time of a synth, over theirs': { atMost: 0.2 },
    'rows per CPU-second, over another': { atLeast: 100 },
  };
  expect(worseThan(bounds, ratios(comparison))).toEqual([
    'rows per CPU-second, over a peer: 5.00, but must be at least 5.5',
    'CPU time of a synth, over theirs: 0.25, but must be at most 0.2',
  ]);
});

describe('a nightly export', () => {
  const none = {
    HEAD: 0,
    GET: 0,
    LIST: 0,
    PUT: 0,
    POST: 0,
    BatchWriteItem: 0,
    ledgerReads: 0,
    ledgerWrites: 0,
  };
  const load = (written: number, cpuSeconds: number): Load => ({
    cpuSeconds,
    steps: {},
    peakBytes: 1,
    written,
    unchanged: 1e6 - written,
    requests: { ...none, BatchWriteItem: written / 25 },
    transitions: 0,
    invocations: 0,
  });
  const full = [load(1e6, 20), load(1e6, 50)];

  test('that writes the changed rows alone meets the bounds, and costs what was counted', () => {
    const measured = { full, night: [load(10_000, 11), load(10_000, 27.5)], changed: 10_000 };
    expect(nightlyRatios(measured)).toMatchObject({ rows: 0.01, requests: 0.01, cpu: 0.55 });
    expect(problemsOf(measured, { isCpuBounded: true })).toEqual([]);
    // A million rows at $0.625, and 20 seconds of a processor, which comes with 1,769 MB, at $0.0000133334 per GB-second.
    expect(totalOf(load(1e6, 20))).toBeCloseTo(0.625 + (20 * 1_769 * 0.0000133334) / 1_024, 9);
  });

  test('that writes more, or takes more CPU time, does not', () => {
    const measured = { full, night: [load(10_250, 13), load(10_250, 32.5)], changed: 10_000 };
    const counts = [
      'rows written: 0.0103 of a load of every row, but must be at most 0.0102',
      'write requests: 0.0103 of a load of every row, but must be at most 0.0102',
    ];
    const others = Array.from({ length: 2 }, () => '10250 rows were written, but 10000 have changed');
    expect(problemsOf(measured, { isCpuBounded: false })).toEqual([...counts, ...others]);
    expect(problemsOf(measured, { isCpuBounded: true })).toEqual([
      ...counts,
      'CPU time: 0.6500 of a load of every row, but must be at most 0.6',
      ...others,
    ]);
  });
});
