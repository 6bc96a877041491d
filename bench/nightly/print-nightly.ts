/** The figures of the benchmark of a nightly export as tables for a person. */

import { textTable as table } from '../../report/terminal/table.ts';
import { megabytes, rounded } from '../compare/checks.ts';
import { median } from '../compare/comparison.ts';
import { BOUNDS, dollarsOf, type Load, type Nightly, nightlyRatios, totalOf } from './night.ts';

/** The three loads by what they are called. */
export function loadsOf({ full, first, night }: Nightly): readonly (readonly [string, readonly Load[]])[] {
  return [
    ['every row, without an index', full],
    ['the first night', first],
    ['the next night', night],
  ];
}

/** What each load used, a row for each figure. */
export function figures(nightly: Nightly): string[][] {
  const loads = loadsOf(nightly).map(([, rounds]) => rounds);
  const row = (name: string, of: (load: Load) => number, text: (value: number) => string = rounded) => [
    name,
    ...loads.map((rounds) => text(median(rounds.map(of)))),
  ];
  const dollars = (value: number) => `$${value.toFixed(4)}`;
  const services = Object.keys(nightly.full[0] === undefined ? {} : dollarsOf(nightly.full[0]));
  return [
    row('Rows written', ({ written }) => written),
    row('Rows left unchanged', ({ unchanged }) => unchanged),
    row('Write requests', ({ requests }) => requests.BatchWriteItem),
    row('GET and HEAD requests to S3', ({ requests }) => requests.GET + requests.HEAD),
    row('PUT, POST and LIST requests to S3', ({ requests }) => requests.PUT + requests.POST + requests.LIST),
    row('State transitions', ({ transitions }) => transitions),
    row(
      'CPU seconds',
      ({ cpuSeconds }) => cpuSeconds,
      (value) => value.toFixed(1),
    ),
    row('Peak memory, MB', ({ peakBytes }) => peakBytes, megabytes),
    ...services.map((service) => row(service, (load) => dollarsOf(load)[service] ?? Number.NaN, dollars)),
    row('Dollars in all', totalOf, dollars),
  ];
}

/** CPU seconds of each function, a row for each. */
export function steps(nightly: Nightly): string[][] {
  const loads = loadsOf(nightly).map(([, rounds]) => rounds);
  const names = [
    ...new Set(loads.flatMap((rounds) => rounds.flatMap(({ steps: each }) => Object.keys(each)))),
  ];
  return names
    .sort()
    .map((name) => [
      name,
      ...loads.map((rounds) => median(rounds.map(({ steps: each }) => each[name] ?? 0)).toFixed(1)),
    ]);
}

export function nightlyTable(nightly: Nightly): string {
  const { machine, loadAverage, bytes, rows, changed } = nightly;
  const titles = loadsOf(nightly).map(([name]) => name);
  const ratios = nightlyRatios(nightly);
  const ratio = (name: string, value: number, bound?: number) => [
    name,
    value.toFixed(4),
    bound === undefined ? '' : `<= ${bound}`,
  ];
  return [
    `${machine.processors}, ${machine.memoryGb} GB, ${machine.system}; load average ${loadAverage.toFixed(1)} before the run`,
    `A file of ${rounded(bytes)} bytes with ${rounded(rows)} rows, of which ${rounded(changed)} change`,
    table(['', ...titles], figures(nightly)),
    table(['CPU seconds', ...titles], steps(nightly)),
    table(
      ['the next night, over every row', 'measured', 'bound'],
      [
        ratio('rows written', ratios.rows, BOUNDS.rows),
        ratio('write requests', ratios.requests, BOUNDS.requests),
        ratio('CPU time', ratios.cpu, BOUNDS.cpu),
        ratio('dollars', ratios.dollars),
      ],
    ),
  ].join('\n\n');
}
