/** Writes `docs/benchmarks.md` and its charts from the results of the last full benchmark run. */

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

/** The contents of each generated file, by its name in `docs/`. */
export function documents(comparison: Comparison): Readonly<Record<string, string>> {
  const { rows, series, memory, coldStarts } = comparison;
  return {
    'benchmarks.md': markdown(comparison),
    'benchmarks-rows.svg': bars(
      'Rows per CPU-second',
      series.map((each) => [each.name, median(rates(each, rows))]),
    ),
    'benchmarks-memory.svg': lines('Peak memory in MB, by file size in MB', memory),
    'benchmarks-starts.svg': bars(
      'CPU milliseconds to load the code of a cold function',
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
  const steps = Object.entries(first?.rounds[0]?.steps ?? {});
  const allSteps = steps.reduce((sum, [, value]) => sum + value, 0);
  const allRatios = Object.entries(ratios(comparison));
  const faster = series.filter(
    (each) => first !== undefined && median(rates(each, rows)) > median(rates(first, rows)),
  );
  return [
    '# Benchmarks',
    '',
    '`npm run bench` measures the results in `bench/compare/results.json`, and `npm run docs:bench` writes this document from them. The',
    'programs that this pipeline is compared with are in [`bench/peers`](../bench/peers), written as published. All of them read the same file',
    'from the same endpoints, which answer at once and count data instead of storing it. They run in turn; a ratio is the median over the rounds.',
    '',
    `Measured on ${date} on ${machine.processors} with ${machine.memoryGb} GB of memory, ${machine.system}, with a load average of ${loadAverage.toFixed(1)} at the start. Other load on the machine makes every figure worse, but hardly changes the ratios.`,
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    '',
    '## Rows per CPU-second',
    '',
    `A file of ${number(bytes)} bytes with ${number(rows)} rows, most of them with quoted fields. Each program has one processor, and the endpoints another. The time to start its processes counts. This pipeline runs one function on one chunk at a time.`,
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
    faster.length === 0
      ? 'No measured program is faster.'
      : `Faster than this pipeline: ${faster.map(({ name }) => name).join(', ')}. The table shows what each of them leaves out. Plain \`node:http\` and DuckDB are not pipelines; they show what is possible.`,
    '',
    `This pipeline's time by function: ${steps.map(([name, value]) => `${name} ${Math.round((value / allSteps) * 100)} %`).join(', ')}.`,
    '',
    'How a process that loads rows spends its time, sampled by V8:',
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
    `The largest process of each program. This pipeline used as much memory for a file of 1 GB as for one of 10 MB: [scale.md](scale.md#measured).`,
    '',
    ...markdownTable([
      ['Bytes of the file', ...series.map(({ name }) => name)],
      ...[...new Set(memory.map((each) => each.bytes))].map((size) => [
        number(size),
        ...series.map(({ name }) => {
          const measured = memory.find((each) => each.name === name && each.bytes === size);
          return measured === undefined ? '' : `${megabytes(measured.peakBytes)} MB`;
        }),
      ]),
    ]),
    '',
    '## Cold starts, bundles, synth',
    '',
    '![CPU time of cold starts](benchmarks-starts.svg)',
    '',
    ...markdownTable([
      ['Cold start', 'CPU seconds', 'More than Node.js alone', 'Seconds'],
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
    '## Throttled tables',
    '',
    'Writers find the write capacity of a table from the requests it throttles. This is simulated, because one machine cannot write that fast:',
    'tables with five seconds of burst capacity, and the worst of 1, 4 and 16 writers. The first ten seconds count as throttled, but not as used.',
    '',
    ...markdownTable([
      ['Writes per second', 'Capacity used', 'Requests throttled, fully or in part'],
      ...throttled.map(({ capacity, busy, refused }) => [number(capacity), percent(busy), percent(refused)]),
    ]),
    '',
    '## Waiting times',
    '',
    ...markdownTable([['', 'Seconds'], ...waits.map((each) => [each.name, seconds(each.seconds)])]),
    '',
    '## Ratios',
    '',
    'In CI, `npm run bench -- --quick` checks the ratios that have a bound in [`bench/compare/bounds.json`](../bench/compare/bounds.json).',
    '',
    ...markdownTable([['', 'Ratio'], ...allRatios.map(([name, ratio]) => [name, ratio.toFixed(2)])]),
    ...absent.flatMap(({ name, why }) => ['', `Not measured: ${name}, because ${why}.`]),
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
