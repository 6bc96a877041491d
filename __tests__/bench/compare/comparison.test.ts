import type { Comparison } from '../../../bench/compare/comparison.ts';
import { LOCAL_RUN, median, pairedRatio, ratios, worseThan } from '../../../bench/compare/comparison.ts';

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
