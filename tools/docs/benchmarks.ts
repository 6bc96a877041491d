/** Writes `docs/benchmarks.md` and its charts from the figures of the last full benchmark run. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as echarts from 'echarts';
import { megabytes, rounded } from '../../bench/compare/checks.ts';
import {
  type Comparison,
  median,
  PIPELINE,
  RESULTS_FILE,
  rates,
  ratios,
} from '../../bench/compare/comparison.ts';
import { MEMORY_OF_ONE_CPU } from '../../bench/cost/estimate.ts';
import {
  BOUNDS,
  RESULTS_FILE as NIGHTLY_FILE,
  type Nightly,
  nightlyRatios,
} from '../../bench/nightly/night.ts';
import { figures, loadsOf, steps } from '../../bench/nightly/print-nightly.ts';
import { MAX_RANGES } from '../../functions/core/feed/compare.ts';
import { markdownTable } from './scale.ts';

const DOCS = join(import.meta.dirname, '../../docs');

/** The contents of the generated files, by their names under `docs/`. */
export function documents(comparison: Comparison, nightly: Nightly): Readonly<Record<string, string>> {
  const { rows, series, memory, coldStarts } = comparison;
  return {
    'benchmarks.md': markdown(comparison, nightly),
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

function markdown(comparison: Comparison, nightly: Nightly): string {
  const { machine, loadAverage, versions, date, bytes, rows, series, memory, coldStarts } = comparison;
  const { bundles, synth, waits, throttled, profile, absent, rowMemory } = comparison;
  const [bare] = coldStarts;
  const seconds = (values: readonly number[]) => median(values).toFixed(2);
  const thousandths = (values: readonly number[]) => median(values).toFixed(3);
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const [first] = series;
  const share = Object.entries(first?.rounds[0]?.steps ?? {});
  const all = share.reduce((sum, [, value]) => sum + value, 0);
  const found = Object.entries(ratios(comparison));
  const faster = series.filter(
    (each) => first !== undefined && median(rates(each, rows)) > median(rates(first, rows)),
  );
  return [
    '# Benchmarks',
    '',
    '```sh',
    'npm run bench              # measures, and writes bench/compare/results.json',
    'npm run bench -- --quick   # measures less, and keeps nothing',
    'npm run bench -- --rows    # measures only the memory that long rows take, and replaces it in the results',
    'npm run bench:nightly      # measures a nightly export, and writes bench/nightly/results.json',
    'npm run docs:bench         # writes this page from the results',
    '```',
    '',
    'The alternatives are in [`bench/peers`](../bench/peers), each written as it is usually published. All contenders load the same',
    'file through the same endpoints, which respond at once and count requests instead of storing data. The contenders take turns,',
    'round by round. A ratio is the median of the ratios of all rounds.',
    '',
    `Measured on ${date} on ${machine.processors} with ${machine.memoryGb} GB of memory, ${machine.system}, with a load average of ${loadAverage.toFixed(1)} before the run. A busy machine makes every figure worse, but hardly changes the ratios.`,
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    '',
    '## Rows per CPU-second',
    '',
    `A file of ${rounded(bytes)} bytes with ${rounded(rows)} rows, most of them with quoted fields. Each contender has one processor, and the endpoints have another. The time to start its processes counts. This pipeline runs one function at a time, on one chunk.`,
    '',
    '![Rows per CPU-second](benchmarks-rows.svg)',
    '',
    ...markdownTable([
      ['', 'Rows per CPU-second', 'Peak memory, MB', 'What it does'],
      ...series.map((each) => [
        each.name,
        rounded(median(rates(each, rows))),
        megabytes(median(each.rounds.map(({ peakBytes }) => peakBytes))),
        each.does,
      ]),
    ]),
    '',
    faster.length === 0
      ? 'No contender is faster than this pipeline.'
      : `Faster than this pipeline: ${faster.map(({ name }) => name).join(', ')}. The table shows what each of them leaves out. Plain \`node:http\` and DuckDB are not pipelines; they show what is possible.`,
    '',
    `CPU time of this pipeline by function: ${share.map(([name, value]) => `${name} ${Math.round((value / all) * 100)} %`).join(', ')}.`,
    '',
    'CPU time of a process that loads rows, as sampled by V8:',
    '',
    ...markdownTable([
      ['', 'Share'],
      ...Object.entries(profile).map(([name, share]) => [name, percent(share)]),
    ]),
    '',
    ...nightlySection(nightly),
    '## Memory',
    '',
    '![Peak memory by file size](benchmarks-memory.svg)',
    '',
    'The peak memory is that of the largest process. This pipeline needs about as much memory for a file of 1 GB as for one of 10 MB; see [scale.md](scale.md#measured).',
    '',
    ...markdownTable([
      ['File size in bytes', ...series.map(({ name }) => name)],
      ...[...new Set(memory.map((each) => each.bytes))].map((size) => [
        rounded(size),
        ...series.map(({ name }) => {
          const found = memory.find((each) => each.name === name && each.bytes === size);
          return found === undefined ? '' : `${megabytes(found.peakBytes)} MB`;
        }),
      ]),
    ]),
    '',
    'Long rows take hardly more, because the bytes of the rows in flight are bounded. For this table, each file is one chunk of up to',
    '60 MB, and the database takes a second for each response, so that as many rows are in flight as the function allows. The names in',
    'the rows have a character outside of Latin-1, which makes V8 hold two bytes for each character.',
    '',
    ...markdownTable([
      ['Bytes of a row', 'validate-csv', 'load-to-dynamodb'],
      ...rowMemory.map(({ rowBytes, validatePeakBytes, loadPeakBytes }) => [
        rounded(rowBytes),
        `${megabytes(validatePeakBytes)} MB`,
        `${megabytes(loadPeakBytes)} MB`,
      ]),
    ]),
    '',
    '## Cold starts, bundles and synth',
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
      ...bundles.map(({ name, code, zip }) => [name, rounded(code / 1_000), rounded(zip / 1_000)]),
    ]),
    '',
    ...markdownTable([
      ['Synth of one environment', 'CPU seconds', 'Seconds'],
      ...synth.map((each) => [each.name, seconds(each.cpuSeconds), seconds(each.wallSeconds)]),
    ]),
    '',
    '## Throttled tables',
    '',
    'Writers learn the capacity of a table from the requests that it throttles. This is simulated, because no machine here writes that',
    'fast. The tables save five seconds of unused capacity. The figures are the worst of 1, 4 and 16 writers. The first ten seconds',
    'count for the throttled requests, but not for the capacity used.',
    '',
    ...markdownTable([
      ['Writes per second', 'Capacity used', 'Requests throttled, fully or in part'],
      ...throttled.map(({ capacity, busy, refused }) => [rounded(capacity), percent(busy), percent(refused)]),
    ]),
    '',
    '## Waiting times',
    '',
    ...markdownTable([['Command', 'Seconds'], ...waits.map((each) => [each.name, seconds(each.seconds)])]),
    '',
    '## Ratios',
    '',
    'CI runs `npm run bench -- --quick`, and fails if a ratio is worse than its bound in [`bench/compare/bounds.json`](../bench/compare/bounds.json).',
    '',
    ...markdownTable([['', 'Ratio'], ...found.map(([name, ratio]) => [name, ratio.toFixed(2)])]),
    ...absent.flatMap(({ name, why }) => ['', `Not measured: ${name}, because ${why}.`]),
    '',
  ].join('\n');
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
        label: { show: true, position: 'right', formatter: ({ value }) => rounded(Number(value)) },
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

/** What a full export costs that comes again every night. */
function nightlySection(nightly: Nightly): readonly string[] {
  const { machine, node, date, loadAverage, bytes, rows, changed, full } = nightly;
  const titles = loadsOf(nightly).map(([name]) => name);
  const ratios = nightlyRatios(nightly);
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  return [
    '## A nightly export',
    '',
    `A file of ${rounded(bytes)} bytes with ${rounded(rows)} rows comes every night, and ${rounded(changed)} of them differ from the night before. With [\`mode: 'replace'\`](datasets.md#what-a-load-does-to-the-table), only those are written. Beside it, a load of the same file that writes every row, without an index. Medians of ${full.length === 1 ? 'one round' : `${full.length} rounds`}, measured on ${date} on ${machine.processors} with Node.js ${node}, with a load average of ${loadAverage.toFixed(1)} before the run.`,
    '',
    ...markdownTable([['', ...titles], ...figures(nightly)]),
    '',
    'The dollars follow from the requests that were counted, and from the CPU time, at list prices. Functions are billed as if they',
    'never waited for the table; a load that writes more waits more. CPU seconds by function:',
    '',
    ...markdownTable([['', ...titles], ...steps(nightly)]),
    '',
    comparisonOfManyRows(nightly),
    '',
    `The next night takes ${percent(ratios.rows)} of the writes of a load of every row, ${percent(ratios.requests)} of its write requests, ${percent(ratios.dollars)} of its dollars and ${percent(ratios.cpu)} of its CPU time. \`npm run bench:nightly\` fails if it takes more than ${percent(BOUNDS.requests)} of the requests, or ${percent(BOUNDS.cpu)} of the CPU time; CI runs it with \`--quick\`, which checks only the counts.`,
    '',
  ];
}

/** How long the comparison of 100 million rows with their index takes, at the rate that was measured. */
function comparisonOfManyRows({ rows, night }: Nightly): string {
  const seconds = median(night.map(({ steps }) => steps['compare-index'] ?? 0));
  const memoryMb = 512;
  const rangeSeconds = ((seconds / rows) * 100e6) / MAX_RANGES / (memoryMb / MEMORY_OF_ONE_CPU);
  return `At the rate of compare-index, ${MAX_RANGES} functions at the same time compare 100 million rows with their index in about ${Math.ceil(rangeSeconds / 60)} minutes, if each has ${memoryMb} MB of memory, and so ${((100 * memoryMb) / MEMORY_OF_ONE_CPU).toFixed(0)} % of a processor.`;
}

if (import.meta.main) {
  const comparison: Comparison = JSON.parse(readFileSync(RESULTS_FILE, 'utf8'));
  const nightly: Nightly = JSON.parse(readFileSync(NIGHTLY_FILE, 'utf8'));
  for (const [name, contents] of Object.entries(documents(comparison, nightly))) {
    writeFileSync(join(DOCS, name), contents);
  }
}
