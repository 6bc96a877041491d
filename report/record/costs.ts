/** What a run costs on AWS. */

import { WRITE_OUTCOMES } from '../../functions/core/dataset/load.ts';
import { PRICES_OF, prices } from './prices.ts';
import type { CostItem, Costs, StateRecord } from './run-record.ts';

export interface CostSettings {
  /** Memory of each function. */
  readonly memoryMb: number;
  /** Where the duration of the functions was measured. */
  readonly timesFrom: 'local' | 'aws';
}

/** KB that one write request unit covers; source: "Read and write operations" in the DynamoDB developer guide. */
const WRITE_KB = 1;

/** What becomes of the rows that are written; a write that changes nothing costs the same. */
const WRITTEN = WRITE_OUTCOMES.filter((outcome) => outcome !== 'unchanged');

/** The cost of each state that a run entered. */
export function costsOf(states: readonly StateRecord[], { memoryMb, timesFrom }: CostSettings): Costs {
  const items = states.flatMap(({ name, map, attempts, invocations, functionMilliseconds, counts }) => {
    const gbSeconds = (functionMilliseconds / 1_000) * (memoryMb / 1_024);
    const removals = name === 'RemoveMissing' ? (counts.removed ?? 0) : 0;
    // A Map's states write the rows; the states after the Map repeat its counts.
    const rows = WRITTEN.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0);
    const writes = map === undefined ? removals : rows;
    return [
      item(name, 'state transitions', attempts, '', prices.stateTransition),
      item(name, 'function requests', invocations, '', prices.functionRequest),
      item(name, 'function time', gbSeconds, 'GB s', prices.functionGbSecond),
      item(name, 'table writes', writes, '', prices.tableWrite),
    ].filter(({ amount }) => amount > 0);
  });
  return {
    items,
    dollars: items.reduce((sum, { dollars }) => sum + dollars, 0),
    notes: [
      `AWS list prices in US East (N. Virginia) as of ${PRICES_OF}, with ${memoryMb} MB for each function.`,
      timesFrom === 'local'
        ? 'Function time was measured on this machine; it differs on AWS.'
        : 'Cold starts are billed too, but the history does not show them.',
      `Each row is assumed to have at most ${WRITE_KB} KB. S3 requests, the ledger, storage and logs are a small part and not included.`,
    ],
  };
}

function item(state: string, what: string, amount: number, unit: string, price: number): CostItem {
  return { state, what, amount, unit, dollars: amount * price };
}
