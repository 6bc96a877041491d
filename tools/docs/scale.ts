/** Writes the computed parts of `docs/scale.md`: the measurements, and the estimates for files of any size. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { megabytes, percent, rounded } from '../../bench/compare/checks.ts';
import { type Estimate, Estimator, type Workload } from '../../bench/cost/estimate.ts';
import { MAX_HISTORY_EVENTS } from '../../bench/scale/history.ts';
import { type Results, readResults, speeds } from '../../bench/scale/results.ts';
import { type Scenario, simulate } from '../../bench/scale/small-account.ts';
import { environment } from '../../environments/index.ts';
import { withPart } from './markers.ts';

export const DOCUMENT = join(import.meta.dirname, '../../docs/scale.md');

/** An environment for each mode of the Maps: INLINE, then DISTRIBUTED. */
const ENVIRONMENTS = [environment('dev'), environment('prod')] as const;

/** The bytes of a row in the estimates. */
const ROW_BYTES = 100;

/** The writes per second that a new on-demand table accepts; source: DynamoDB developer guide. */
const NEW_TABLE_WRITES = 4_000;

/** The default quota of a table, in writes per second; source: DynamoDB developer guide. */
const TABLE_QUOTA_WRITES = 40_000;

/** The concurrent invocations of the accounts that are simulated. */
const CONCURRENCIES = [10, 100, 400, 1_000];

/** What is uploaded to them at the same moment. */
const UPLOADS: readonly (Omit<Scenario, 'concurrency'> & { readonly name: string })[] = [
  {
    name: '1 file of 1 GB, INLINE',
    // As many chunks at the same time as an INLINE Map allows.
    environment: { ...environment('dev'), maxConcurrency: 40 },
    files: 1,
    size: 1e9,
    writesPerSecond: NEW_TABLE_WRITES,
  },
  ...[
    { files: 10, executionTimeoutMinutes: 12 * 60 },
    { files: 40, executionTimeoutMinutes: 48 * 60 },
  ].map(({ files, executionTimeoutMinutes }) => ({
    name: `${files} files of 10 GB, DISTRIBUTED`,
    environment: { ...environment('prod'), executionTimeoutMinutes },
    files,
    size: 1e10,
    writesPerSecond: TABLE_QUOTA_WRITES,
  })),
];

/** The file sizes of the estimates, with their bytes. */
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
 * Updates the computed parts of the document, each of which is between a pair of markers.
 * @throws Error when a marker is missing.
 */
export async function withFigures(document: string, results: Results): Promise<string> {
  const [inline, distributed] = ENVIRONMENTS.map((each) => new Estimator(each, speeds(results)));
  if (inline === undefined || distributed === undefined)
    throw new Error('An environment is missing for one of the modes.');
  const parts = {
    measured: measuredTable(results),
    inline: await sizesTable(inline),
    distributed: await sizesTable(distributed),
    concurrency: await concurrencyTable(inline, distributed),
    bounds: [...(await bounds('INLINE', inline)), ...(await bounds('DISTRIBUTED', distributed))].join('\n'),
  };
  return Object.entries(parts).reduce((text, [name, content]) => withPart(text, name, content), document);
}

/** The figures of the benchmark, with a column for each file. */
function measuredTable({ machine, node, nodeOptions, measurements }: Results): string {
  const row = (name: string, value: (each: (typeof measurements)[number]) => string) => [
    name,
    ...measurements.map(value),
  ];
  const functionNames = Object.keys(measurements[0]?.functions ?? {});
  return [
    `Measured on ${machine.processors} with ${machine.memoryGb} GB of memory, ${machine.system}, Node.js ${node}. The functions' \`NODE_OPTIONS\` were \`${nodeOptions}\`.`,
    '',
    ...markdownTable([
      row('File size in bytes', ({ size }) => rounded(size)),
      row('Rows', ({ rows }) => rounded(rows)),
      row('Chunks', ({ chunks }) => rounded(chunks)),
      row(
        'Bytes read to plan',
        ({ planBytes, size }) => `${rounded(planBytes)} (${percent(planBytes / size)})`,
      ),
      row('Largest payload in bytes', ({ largestPayload }) => rounded(largestPayload)),
      row('State transitions', ({ transitions }) => rounded(transitions)),
      row('History events', ({ historyEvents }) => rounded(historyEvents)),
      row('Rows per second, validating', ({ rows, seconds }) => rounded(rows / seconds.validate)),
      row('Rows per second, loading', ({ rows, seconds }) => rounded(rows / seconds.load)),
      ...functionNames.map((name) =>
        row(`Peak memory of ${name} in MB`, ({ functions }) =>
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
    const fast = await estimator.estimate({ ...workload, writesPerSecond: TABLE_QUOTA_WRITES });
    rows.push([
      name,
      rounded(slow.chunks),
      `${rounded(slow.chunkBytes / 1e6)} MB`,
      rounded(slow.largestPayload),
      rounded(slow.invocations),
      rounded(slow.events),
      hours(slow),
      hours(fast),
      nextLimit(slow),
    ]);
  }
  const head = ['File', 'Chunks', 'Chunk size', 'Largest payload in bytes', 'Invocations', 'History events'];
  return markdownTable([
    [...head, `Hours at ${rounded(NEW_TABLE_WRITES)}/s`, `at ${rounded(TABLE_QUOTA_WRITES)}/s`, 'Next limit'],
    ...rows,
  ]).join('\n');
}

/**
 * The simulations of small accounts.
 * @throws Error when an execution fails, or its history is too long.
 */
async function concurrencyTable(inline: Estimator, distributed: Estimator): Promise<string> {
  const head = [
    'Uploads',
    'Chunks of a file',
    'Concurrent invocations',
    '`executionTimeoutMinutes`',
    'Hours',
  ];
  const counts = ['Retries', 'Events of the longest history', 'State transitions'];
  const rows = [];
  for (const { name, ...upload } of UPLOADS) {
    const { mapMode, executionTimeoutMinutes } = upload.environment;
    for (const concurrency of CONCURRENCIES) {
      const outcome = await simulate({ ...upload, concurrency }, mapMode === 'INLINE' ? inline : distributed);
      const { chunks, failed, throttled, events, transitions, longestGap, dead } = outcome;
      if (failed > 0 || events >= MAX_HISTORY_EVENTS)
        throw new Error(`${name} with ${concurrency} concurrent invocations: ${JSON.stringify(outcome)}`);
      rows.push([
        name,
        ...[chunks, concurrency, executionTimeoutMinutes].map(rounded),
        outcome.hours < 10 ? outcome.hours.toPrecision(2) : rounded(outcome.hours),
        ...[throttled, events, transitions, longestGap / 60, dead].map(rounded),
      ]);
    }
  }
  return markdownTable([[...head, ...counts, 'Longest gap in minutes', 'Counted as dead'], ...rows]).join(
    '\n',
  );
}

/** The largest files whose events fit into one history. */
async function bounds(mode: string, estimator: Estimator): Promise<string[]> {
  const events = async (workload: Omit<Workload, 'writesPerSecond'>) =>
    (await estimator.estimate({ ...workload, writesPerSecond: NEW_TABLE_WRITES })).events;
  const fits = async (workload: Omit<Workload, 'writesPerSecond'>) =>
    (await events(workload)) < MAX_HISTORY_EVENTS;
  const gigabytes = await lastWhere(5_000, (size) => fits({ size: size * 1e9, rowBytes: ROW_BYTES }));
  const rowBytes =
    1 + (await lastWhere(1_000, async (bytes) => !(await fits({ size: 5e10, rowBytes: bytes }))));
  const rate = rounded(NEW_TABLE_WRITES);
  return [
    `- At ${rate} writes per second and with rows of ${ROW_BYTES} bytes, ${mode} stays below ${rounded(MAX_HISTORY_EVENTS)} events per history up to **${rounded(gigabytes)} GB**. A file of 50 GB fits if its average row has at least **${rowBytes} ${rowBytes === 1 ? 'byte' : 'bytes'}**.`,
    `- The ${estimator.loaders} concurrent loads of ${mode} have the CPU time for ${rounded(estimator.loadedRows)} rows per second.`,
  ];
}

/**
 * Searches the numbers from 1 to `most` for the last one that meets a condition.
 * @param holds must be true for every number up to that one, and false for all numbers after it
 * @returns 0 if no number meets the condition
 */
async function lastWhere(most: number, holds: (candidate: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (await holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function hours({ hours: value, isBoundByFunctions, isBeyondTimeout }: Estimate): string {
  const text = value < 0.01 ? '< 0.01' : value < 10 ? value.toPrecision(2) : rounded(value);
  return `${text}${isBoundByFunctions ? ' ¹' : ''}${isBeyondTimeout ? ' ²' : ''}`;
}

/** The limit that will be reached first, with the share that is used. */
function nextLimit({ used }: Estimate): string {
  const [[name, part] = ['', 0]] = Object.entries(used).sort(([, one], [, other]) => other - one);
  const text = `${name}, ${rounded(part * 100)} %`;
  return part > 1 ? `**${text}**` : text;
}

/** @param rows the first one is the header */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line)];
}

async function run(): Promise<void> {
  writeFileSync(DOCUMENT, await withFigures(readFileSync(DOCUMENT, 'utf8'), readResults()));
}

if (import.meta.main) void run();
