/** Writes the computed parts of `docs/scale.md`: the measurements, and the estimates for other file sizes. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { megabytes, percent } from '../../bench/compare/checks.ts';
import { type Estimate, Estimator, type Workload } from '../../bench/cost/estimate.ts';
import { MAX_HISTORY_EVENTS } from '../../bench/scale/history.ts';
import { type Results, readResults, speeds } from '../../bench/scale/results.ts';
import { environment } from '../../environments/index.ts';
import { withPart } from './markers.ts';

export const DOCUMENT = join(import.meta.dirname, '../../docs/scale.md');

/** An environment for each mode of the Maps. */
const ENVIRONMENTS = [environment('dev'), environment('prod')] as const;

/** Bytes of a row in the estimates. */
const ROW_BYTES = 100;

/** Writes per second that a new on-demand table accepts; source: DynamoDB developer guide. */
const NEW_TABLE_WRITES = 4_000;

/** Writes per second of a table's default quota; source: DynamoDB developer guide. */
const QUOTA_WRITES = 40_000;

/** File sizes of the estimates: label and bytes. */
const SIZES: readonly (readonly [string, number])[] = [
  ['1 MB', 1e6],
  ['10 MB', 1e7],
  ['100 MB', 1e8],
  ['1 GB', 1e9],
  ['10 GB', 1e10],
  ['50 GB', 5e10],
  ['100 GB', 1e11],
  ['1 TB', 1e12],
  ['5 TB', 5e12],
];

/**
 * The document with its computed parts updated.
 * @throws Error if the document lacks the markers of a part
 */
export async function withFigures(document: string, results: Results): Promise<string> {
  const [inline, distributed] = ENVIRONMENTS.map((each) => new Estimator(each, speeds(results)));
  if (inline === undefined || distributed === undefined)
    throw new Error('Each mode of the Maps needs an environment.');
  const parts = {
    measured: measuredTable(results),
    inline: await sizesTable(inline),
    distributed: await sizesTable(distributed),
    bounds: [...(await bounds('INLINE', inline)), ...(await bounds('DISTRIBUTED', distributed))].join('\n'),
  };
  return Object.entries(parts).reduce((text, [name, content]) => withPart(text, name, content), document);
}

/** The measurements, a column for each file. */
function measuredTable({ machine, node, nodeOptions, measurements }: Results): string {
  const row = (name: string, value: (each: (typeof measurements)[number]) => string) => [
    name,
    ...measurements.map(value),
  ];
  const functionNames = Object.keys(measurements[0]?.functions ?? {});
  return [
    `Measured on ${machine.processors} with ${machine.memoryGb} GB of memory, ${machine.system}, Node.js ${node}, with \`NODE_OPTIONS=${nodeOptions}\` for the functions.`,
    '',
    ...markdownTable([
      row('File size, bytes', ({ size }) => number(size)),
      row('Rows', ({ rows }) => number(rows)),
      row('Chunks', ({ chunks }) => number(chunks)),
      row(
        'Bytes read to plan chunks',
        ({ planBytes, size }) => `${number(planBytes)} (${percent(planBytes / size)})`,
      ),
      row('Largest payload, bytes', ({ largestPayload }) => number(largestPayload)),
      row('State transitions', ({ transitions }) => number(transitions)),
      row('History events', ({ historyEvents }) => number(historyEvents)),
      row('Rows per second, validating', ({ rows, seconds }) => number(rows / seconds.validate)),
      row('Rows per second, loading', ({ rows, seconds }) => number(rows / seconds.load)),
      ...functionNames.map((name) =>
        row(`Peak memory of ${name}, MB`, ({ functions }) =>
          megabytes(functions[name]?.peakBytes ?? Number.NaN),
        ),
      ),
    ]),
  ].join('\n');
}

async function sizesTable(estimator: Estimator): Promise<string> {
  const rows = [];
  for (const [name, size] of SIZES) {
    const workload = { size, rowBytes: ROW_BYTES };
    const slow = await estimator.estimate({ ...workload, writesPerSecond: NEW_TABLE_WRITES });
    const fast = await estimator.estimate({ ...workload, writesPerSecond: QUOTA_WRITES });
    rows.push([
      name,
      number(slow.chunks),
      `${number(slow.chunkBytes / 1e6)} MB`,
      number(slow.largestPayload),
      number(slow.invocations),
      number(slow.events),
      hours(slow),
      hours(fast),
      nextLimit(slow),
    ]);
  }
  const head = ['File', 'Chunks', 'Chunk size', 'Largest payload, bytes', 'Invocations', 'History events'];
  return markdownTable([
    [...head, `Hours at ${number(NEW_TABLE_WRITES)}/s`, `at ${number(QUOTA_WRITES)}/s`, 'Next limit'],
    ...rows,
  ]).join('\n');
}

/** The file sizes and row sizes that fit into one history. */
async function bounds(mode: string, estimator: Estimator): Promise<string[]> {
  const events = async (workload: Omit<Workload, 'writesPerSecond'>) =>
    (await estimator.estimate({ ...workload, writesPerSecond: NEW_TABLE_WRITES })).events;
  const fits = async (workload: Omit<Workload, 'writesPerSecond'>) =>
    (await events(workload)) < MAX_HISTORY_EVENTS;
  const gigabytes = await largestWith(5_000, (size) => fits({ size: size * 1e9, rowBytes: ROW_BYTES }));
  const rowBytes =
    1 + (await largestWith(1_000, async (bytes) => !(await fits({ size: 5e10, rowBytes: bytes }))));
  const rate = number(NEW_TABLE_WRITES);
  return [
    `- At ${rate} writes per second, ${mode} stays below ${number(MAX_HISTORY_EVENTS)} history events up to **${number(gigabytes)} GB** with rows of ${ROW_BYTES} bytes, and up to 50 GB with rows of at least **${rowBytes} bytes** on average.`,
    `- With ${mode}, ${estimator.loaders} concurrent loads have the CPU time for ${number(estimator.loadedRows)} rows per second.`,
  ];
}

/** The largest number from 1 to `max` for which `holds` is true, if it is false for all larger ones; 0 if there is none. */
async function largestWith(max: number, holds: (candidate: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [0, max];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (await holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function hours({ hours: value, isBoundByFunctions, isBeyondTimeout }: Estimate): string {
  const text = value < 0.01 ? '< 0.01' : value < 10 ? value.toPrecision(2) : number(value);
  return `${text}${isBoundByFunctions ? ' ¹' : ''}${isBeyondTimeout ? ' ²' : ''}`;
}

/** The limit with the highest usage. */
function nextLimit({ used }: Estimate): string {
  const [[name, part] = ['', 0]] = Object.entries(used).sort(([, one], [, other]) => other - one);
  const text = `${name}, ${number(part * 100)} %`;
  return part > 1 ? `**${text}**` : text;
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** @param rows the first row is the header */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line)];
}

async function run(): Promise<void> {
  writeFileSync(DOCUMENT, await withFigures(readFileSync(DOCUMENT, 'utf8'), readResults()));
}

if (import.meta.main) void run();
