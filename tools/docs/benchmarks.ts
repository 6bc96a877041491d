/** Writes `docs/benchmarks.md` and its charts from the figures of the last full run of the bench. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as echarts from 'echarts';
import { megabytes } from '../../bench/compare/checks.ts';
import {
  type Comparison,
  median,
  PIPELINE,
  RESULTS_FILE,
  rates,
  ratios,
} from '../../bench/compare/comparison.ts';
import { markdownTable } from './scale.ts';

const DOCS = join(import.meta.dirname, '../../docs');

/** Of each file that is generated, its contents by its name under `docs/`. */
export function documents(comparison: Comparison): Readonly<Record<string, string>> {
  const { rows, series, memory, coldStarts } = comparison;
  return {
    'benchmarks.md': markdown(comparison),
    'benchmarks-rows.svg': bars(
      'Rows per CPU-second',
      series.map((each) => [each.name, median(rates(each, rows))]),
    ),
    'benchmarks-memory.svg': lines('Peak memory in MB, by MB of the file', memory),
    'benchmarks-starts.svg': bars(
      'CPU milliseconds until a cold function has loaded its code',
      coldStarts.map((each) => [each.name, median(each.cpuSeconds) * 1_000]),
    ),
  };
}

function markdown(comparison: Comparison): string {
  const { machine, loadAverage, versions, date, bytes, rows, series, memory, coldStarts } = comparison;
  const { bundles, synth, waits, throttled, profile, absent } = comparison;
  const [bare] = coldStarts;
  const seconds = (values: readonly number[]) => median(values).toFixed(2);
  const thousandths = (values: readonly number[]) => median(values).toFixed(3);
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const [first] = series;
  const share = Object.entries(first?.rounds[0]?.steps ?? {});
  const all = share.reduce((sum, [, value]) => sum + value, 0);
  const found = Object.entries(ratios(comparison));
  const behind = series.filter(
    (each) => first !== undefined && median(rates(each, rows)) > median(rates(first, rows)),
  );
  return [
    '# Benchmarks',
    '',
    'Written by `npm run docs:bench` from `bench/compare/results.json`, which `npm run bench` measures. What stands beside this pipeline is in',
    '[`bench/peers`](../bench/peers): each is written as it is published, and gets the same file from the same endpoints, which',
    'answer at once and keep counts in place of data. They run in turn; a ratio is the median of those of each round.',
    '',
    `Measured on ${date} on ${machine.processors} with ${machine.memoryGb} GB of memory, ${machine.system}, whose load average was ${loadAverage.toFixed(1)} before: a machine that others use too makes every figure worse, the ratios hardly.`,
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    '',
    '## Rows for each second of a processor',
    '',
    `A file of ${number(bytes)} bytes with ${number(rows)} rows, most of them with quoted fields. Each contender has one processor, and the endpoints another; the starts of its processes count. Of this pipeline one function works on one chunk at a time.`,
    '',
    '![Rows per CPU-second](benchmarks-rows.svg)',
    '',
    ...markdownTable([
      ['', 'Rows per CPU-second', 'Peak memory, MB', 'What it does'],
      ...series.map((each) => [
        each.name,
        number(median(rates(each, rows))),
        megabytes(median(each.rounds.map(({ peakBytes }) => peakBytes))),
        each.does,
      ]),
    ]),
    '',
    behind.length === 0
      ? 'Nothing that was measured is faster.'
      : `Faster than this pipeline: ${behind.map(({ name }) => name).join(', ')}. What each of them leaves out is in the table; plain \`node:http\` and DuckDB are no pipelines, and stand there as what is possible.`,
    '',
    `Of this pipeline's time, by function: ${share.map(([name, value]) => `${name} ${Math.round((value / all) * 100)} %`).join(', ')}.`,
    '',
    'Where the time of a process goes that loads rows, as V8 samples it:',
    '',
    ...markdownTable([
      ['', 'Share'],
      ...Object.entries(profile).map(([name, share]) => [name, percent(share)]),
    ]),
    '',
    '## Memory',
    '',
    '![Peak memory by the size of the file](benchmarks-memory.svg)',
    '',
    `The largest process of each. A file of 1 GB took this pipeline as much as one of 10 MB: [scale.md](scale.md#measured).`,
    '',
    ...markdownTable([
      ['Bytes of the file', ...series.map(({ name }) => name)],
      ...[...new Set(memory.map((each) => each.bytes))].map((size) => [
        number(size),
        ...series.map(({ name }) => {
          const found = memory.find((each) => each.name === name && each.bytes === size);
          return found === undefined ? '' : `${megabytes(found.peakBytes)} MB`;
        }),
      ]),
    ]),
    '',
    '## Cold starts, bundles, synth',
    '',
    '![CPU time of cold starts](benchmarks-starts.svg)',
    '',
    ...markdownTable([
      ['Cold start', 'CPU seconds', 'Over Node.js alone', 'Seconds'],
      ...coldStarts.map((each) => [
        each.name,
        thousandths(each.cpuSeconds),
        each === bare
          ? ''
          : thousandths(each.cpuSeconds.map((value, round) => value - (bare?.cpuSeconds[round] ?? 0))),
        seconds(each.wallSeconds),
      ]),
    ]),
    '',
    ...markdownTable([
      ['Function', 'Minified code, KB', 'Zip with its source map, KB'],
      ...bundles.map(({ name, code, zip }) => [name, number(code / 1_000), number(zip / 1_000)]),
    ]),
    '',
    ...markdownTable([
      ['Synth of one environment', 'CPU seconds', 'Seconds'],
      ...synth.map((each) => [each.name, seconds(each.cpuSeconds), seconds(each.wallSeconds)]),
    ]),
    '',
    '## Tables that refuse',
    '',
    'Writers find out what a table takes by what it refuses. Simulated, because no machine here writes that fast: tables that save up',
    'five seconds of writes, 1, 4 and 16 writers, the worst of them; the first ten seconds count for what is refused, not for what is used.',
    '',
    ...markdownTable([
      ['Writes a second', 'Used', 'Requests refused, or a part of them'],
      ...throttled.map(({ capacity, busy, refused }) => [number(capacity), percent(busy), percent(refused)]),
    ]),
    '',
    '## What one waits for',
    '',
    ...markdownTable([['', 'Seconds'], ...waits.map((each) => [each.name, seconds(each.seconds)])]),
    '',
    '## Ratios',
    '',
    'Those with a bound in [`bench/compare/bounds.json`](../bench/compare/bounds.json) are held against it in CI, by `npm run bench -- --quick`.',
    '',
    ...markdownTable([['', 'Ratio'], ...found.map(([name, ratio]) => [name, ratio.toFixed(2)])]),
    ...absent.flatMap(({ name, why }) => ['', `Left out: ${name}, because ${why}.`]),
    '',
  ].join('\n');
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

const STYLE = { animation: false, backgroundColor: '#ffffff' } as const;

function drawn(title: string, height: number, option: echarts.EChartsOption): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height });
  chart.setOption({ ...STYLE, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg.replace('>', `><title>${title}</title>`)}\n`;
}

function bars(title: string, values: readonly (readonly [string, number])[]): string {
  const names = values.map(([name]) => name);
  return drawn(title, 90 + 34 * values.length, {
    title: { text: title, left: 'center', textStyle: { fontSize: 14 } },
    grid: { left: 10, right: 80, top: 40, bottom: 10, containLabel: true },
    xAxis: { type: 'value', show: false },
    yAxis: { type: 'category', data: names, inverse: true, axisTick: { show: false } },
    series: [
      {
        type: 'bar',
        data: values.map(([, value]) => Math.round(value)),
        label: { show: true, position: 'right', formatter: ({ value }) => number(Number(value)) },
      },
    ],
  });
}

function lines(title: string, memory: Comparison['memory']): string {
  const names = [...new Set(memory.map(({ name }) => name))].filter(
    (name) => name === PIPELINE || !name.startsWith('plain'),
  );
  return drawn(title, 320, {
    title: { text: title, left: 'center', textStyle: { fontSize: 14 } },
    legend: { bottom: 0 },
    grid: { left: 20, right: 40, top: 40, bottom: 40, containLabel: true },
    xAxis: { type: 'value' },
    yAxis: { type: 'value' },
    series: names.map((name) => ({
      name,
      type: 'line',
      data: memory
        .filter((each) => each.name === name)
        .map(({ bytes, peakBytes }) => [bytes / 1e6, Math.round(peakBytes / 1024 ** 2)]),
    })),
  });
}

if (import.meta.main) {
  const comparison: Comparison = JSON.parse(readFileSync(RESULTS_FILE, 'utf8'));
  for (const [name, contents] of Object.entries(documents(comparison))) {
    writeFileSync(join(DOCS, name), contents);
  }
}
