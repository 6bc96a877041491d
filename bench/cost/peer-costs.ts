/** What the same rows cost by other ways into the table, at list prices. */

import { prices } from '../../report/record/prices.ts';
import type { Comparison } from '../compare/comparison.ts';
import { median, rates } from '../compare/comparison.ts';
import type { Cost, CostWorkload } from './cost.ts';
import { MEMORY_OF_ONE_CPU } from './estimate.ts';

/** The most memory of a function in MB, and seconds that it may run; source: "Lambda quotas". */
const [MAX_MEMORY, MAX_SECONDS] = [10_240, 900];

/** MB that a function is given at least, as most tutorials do not say otherwise. */
const LEAST_MEMORY = 128;

/** Bytes of rows that fit through a state; source: "Step Functions service quotas", halved for their JSON. */
const MAX_THROUGH_STATE = 262_144 / 2;

/** States of the pipeline in its published form: fetch, validate, load, and the end. */
const STATES = 4;

const PYTHON = 'Python, tutorial form';

export interface PeerCost {
  readonly name: string;
  /** Undefined where it cannot be done at all. */
  readonly dollars: number | undefined;
  readonly note: string;
}

/** @param comparison a run of the bench, in which the Python pipeline was measured. */
export function peerCosts(
  { size, rows, writesPerSecond }: CostWorkload,
  { counts }: Pick<Cost, 'counts'>,
  comparison: Comparison,
): PeerCost[] {
  const writes = counts.tableWrites * prices.tableWrite;
  const imported: PeerCost = {
    name: "DynamoDB's import from S3",
    dollars: (size / 1e9) * prices.tableImportGb,
    note: 'into a new table only; all columns are text, nothing is checked, bad rows are skipped',
  };
  const python = comparison.series.find(({ name }) => name === PYTHON);
  const [small, ...larger] = comparison.memory.filter(({ name }) => name === PYTHON);
  const large = larger.at(-1);
  if (python === undefined || small === undefined || large === undefined) return [imported];
  const bytesPerByte = (large.peakBytes - small.peakBytes) / (large.bytes - small.bytes);
  const peak = (small.peakBytes + (size - small.bytes) * bytesPerByte) / 1024 ** 2;
  const memory = Math.max(LEAST_MEMORY, peak);
  const share = Math.min(1, memory / MEMORY_OF_ONE_CPU);
  // It waits for the table, too, and this without a rest.
  const pace = Math.min(median(rates(python, comparison.rows)) * share, writesPerSecond);
  const seconds = rows / pace;
  const gbSeconds = (memory / 1_024) * seconds;
  const isPossible = memory <= MAX_MEMORY && seconds <= MAX_SECONDS;
  const needs = `${Math.ceil(memory).toLocaleString('en')} MB for ${Math.ceil(seconds).toLocaleString('en')} s`;
  return [
    imported,
    {
      name: PYTHON,
      dollars: isPossible
        ? writes + gbSeconds * prices.functionGbSecond + STATES * prices.stateTransition
        : undefined,
      note: isPossible
        ? `in functions of ${needs}${size > MAX_THROUGH_STATE ? ', if its rows fitted through a state' : ''}`
        : `it would take ${needs}, which no function has`,
    },
  ];
}
