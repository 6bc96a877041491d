/** Computes what it costs to load the same rows in other ways, at list prices. */

import { prices } from '../../report/record/prices.ts';
import { type Comparison, median, rates } from '../compare/comparison.ts';
import type { Cost, CostWorkload } from './cost.ts';
import { MEMORY_OF_ONE_CPU } from './estimate.ts';

/** The most memory of a function, in MB; source: "Lambda quotas". */
const MAX_MEMORY_MB = 10_240;

/** The longest timeout of a function, in seconds; source: "Lambda quotas". */
const MAX_SECONDS = 900;

/** The least memory of a function, in MB: Lambda's default, which most tutorials keep. */
const MIN_MEMORY_MB = 128;

/** The bytes of rows that fit into a state; source: "Step Functions service quotas", halved because JSON is longer. */
const MAX_ROW_BYTES_IN_STATE = 262_144 / 2;

/** The number of states of the tutorial pipeline: fetch, validate, load, and the final state. */
const STATES = 4;

const PYTHON = 'Python, tutorial form';

export interface PeerCost {
  readonly name: string;
  /** `undefined` if it is not possible. */
  readonly dollars: number | undefined;
  readonly note: string;
}

/** @param comparison the benchmark run that measured the Python pipeline */
export function peerCosts(
  { size, rows, writesPerSecond }: CostWorkload,
  { floor: writes }: Pick<Cost, 'floor'>,
  comparison: Comparison,
): PeerCost[] {
  const imported: PeerCost = {
    name: "DynamoDB's import from S3",
    dollars: (size / 1e9) * prices.tableImportGb,
    note: 'only into a new table; all columns are strings, nothing is checked, and bad rows are skipped',
  };
  const python = comparison.series.find(({ name }) => name === PYTHON);
  const [small, ...larger] = comparison.memory.filter(({ name }) => name === PYTHON);
  const large = larger.at(-1);
  if (python === undefined || small === undefined || large === undefined) return [imported];
  const bytesPerByte = (large.peakBytes - small.peakBytes) / (large.bytes - small.bytes);
  const peak = (small.peakBytes + (size - small.bytes) * bytesPerByte) / 1024 ** 2;
  const memory = Math.max(MIN_MEMORY_MB, peak);
  const share = Math.min(1, memory / MEMORY_OF_ONE_CPU);
  // It also waits for the table.
  const pace = Math.min(median(rates(python, comparison.rows)) * share, writesPerSecond);
  const seconds = rows / pace;
  const gbSeconds = (memory / 1_024) * seconds;
  const isPossible = memory <= MAX_MEMORY_MB && seconds <= MAX_SECONDS;
  const needs = `${Math.ceil(memory).toLocaleString('en')} MB for ${Math.ceil(seconds).toLocaleString('en')} s`;
  return [
    imported,
    {
      name: PYTHON,
      dollars: isPossible
        ? writes + gbSeconds * prices.functionGbSecond + STATES * prices.stateTransition
        : undefined,
      note: isPossible
        ? `in functions of ${needs}${size > MAX_ROW_BYTES_IN_STATE ? ', if the rows fit into a state' : ''}`
        : `it would need ${needs}, more than a function can have`,
    },
  ];
}
