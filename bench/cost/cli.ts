/** `npm run cost -- FILE|SIZE`: what a file will cost at list prices, before anything is uploaded. */

import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { environment } from '../../environments/index.ts';
import { PRICES_OF } from '../../report/record/prices.ts';
import { RESULTS_FILE } from '../compare/comparison.ts';
import { table } from '../compare/print-comparison.ts';
import { readResults, speeds } from '../scale/results.ts';
import { type Cost, type CostWorkload, estimateCost } from './cost.ts';
import { Estimator } from './estimate.ts';
import { peerCosts } from './peer-costs.ts';

/** Bytes of a row where nothing else is known. */
const ROW_BYTES = 100;

/** Bytes of a file in which its rows are counted, for the rest of it to be like them. */
const SAMPLE_BYTES = 1e6;

/** Writes a second that a new on-demand table takes; source: DynamoDB developer guide. */
const NEW_TABLE = 4_000;

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/**
 * The size and the rows of a file, or of a size such as `250MB`.
 * @throws Error when it is neither.
 */
export function workloadOf(what: string, rows: number | undefined): Omit<CostWorkload, 'writesPerSecond'> {
  const [, value, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]?)b?$/i.exec(what) ?? [];
  if (value !== undefined) {
    const size = Number(value) * (UNITS[unit.toLowerCase()] ?? 1);
    return { size, rows: rows ?? Math.ceil(size / ROW_BYTES) };
  }
  const { size } = statSync(what);
  const sample = Buffer.alloc(Math.min(size, SAMPLE_BYTES));
  const file = openSync(what, 'r');
  readSync(file, sample);
  closeSync(file);
  if (sample[0] === 0x1f && sample[1] === 0x8b) {
    throw new Error(`${what} is packed; give the size that it has when it is unpacked, such as 250MB.`);
  }
  const breaks = sample.toString('latin1').split('\n').length - 1;
  return { size, rows: rows ?? Math.max(1, Math.round((breaks / sample.length) * size)) };
}

function dollars(value: number): string {
  return `$${value < 0.01 ? value.toFixed(6) : value.toFixed(4)}`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

export function printed(cost: Cost): string {
  const { states, services, counts, gbSeconds, floor } = cost;
  return [
    table(
      ['state', 'entered', 'GB-seconds', 'S3 requests', 'table writes', 'dollars'],
      states.map((each) => [
        each.state,
        number(each.transitions),
        each.gbSeconds.toFixed(1),
        number(each.objectReads + each.objectWrites),
        number(each.tableWrites + each.ledgerWrites),
        dollars(each.dollars),
      ]),
    ),
    table(
      ['service', 'dollars'],
      [...Object.entries(services), ['in all', cost.dollars] as const].map(([name, value]) => [
        name,
        dollars(value),
      ]),
    ),
    `${number(counts.transitions)} transitions, ${number(counts.invocations)} invocations, ${gbSeconds.toFixed(1)} GB-seconds: ${(cost.dollars / floor).toFixed(3)} times the writes of the rows alone, which no way into the table goes without but its own import.`,
  ].join('\n\n');
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rows: { type: 'string' },
      env: { type: 'string', default: 'prod' },
      'writes-per-second': { type: 'string', default: String(NEW_TABLE) },
    },
  });
  const [what] = positionals;
  if (what === undefined || positionals.length > 1) throw new Error('Give a file, or a size such as 250MB.');
  const count = (text: string): number => {
    if (!/^[1-9]\d*$/.test(text)) throw new Error(`${JSON.stringify(text)} is no whole number above 0.`);
    return Number(text);
  };
  const workload = {
    ...workloadOf(what, values.rows === undefined ? undefined : count(values.rows)),
    writesPerSecond: count(values['writes-per-second']),
  };
  const settings = environment(values.env);
  const results = readResults();
  const cost = await estimateCost(settings, new Estimator(settings, speeds(results)), results, workload);
  const peers = peerCosts(workload, cost, JSON.parse(readFileSync(RESULTS_FILE, 'utf8')));
  process.stdout.write(
    `${[
      `${number(workload.size)} bytes, ${number(workload.rows)} rows, in the environment ${settings.name}, into a table that takes ${number(workload.writesPerSecond)} writes a second; list prices of ${PRICES_OF}, US East, without free tiers, logs and traces`,
      printed(cost),
      table(
        ['instead', 'dollars', ''],
        peers.map((peer) => [
          peer.name,
          peer.dollars === undefined ? 'not possible' : dollars(peer.dollars),
          peer.note,
        ]),
      ),
    ].join('\n\n')}\n`,
  );
}

if (import.meta.main) {
  run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  });
}
