/** What a run costs on AWS, by what it did. */

import { PRICES_OF, prices } from './prices.ts';
import type { CostItem, Costs, StateRecord } from './run-record.ts';

export interface CostSettings {
  /** Of each function. */
  readonly memoryMb: number;
  /** What the notes say of the times that the functions took. */
  readonly timesFrom: 'local' | 'aws';
}

/** Bytes that a write may have for its price; source: "Read and write operations" in the DynamoDB developer guide. */
const WRITE_KB = 1;

/** The costs of the states that a run entered. */
export function costsOf(states: readonly StateRecord[], { memoryMb, timesFrom }: CostSettings): Costs {
  const items = states.flatMap(({ name, map, attempts, invocations, functionMilliseconds, counts }) => {
    const gbSeconds = (functionMilliseconds / 1_000) * (memoryMb / 1_024);
    // The rows are written inside of a Map; a state behind it tells of the same rows once more.
    const { loaded = 0 } = counts;
    return [
      item(name, 'state transitions', attempts, '', prices.stateTransition),
      item(name, 'function requests', invocations, '', prices.functionRequest),
      item(name, 'function time', gbSeconds, 'GB s', prices.functionGbSecond),
      item(name, 'table writes', map === undefined ? 0 : loaded, '', prices.tableWrite),
    ].filter(({ amount }) => amount > 0);
  });
  return {
    items,
    dollars: items.reduce((sum, { dollars }) => sum + dollars, 0),
    notes: [
      `At AWS's list prices in US East (N. Virginia) of ${PRICES_OF}, with ${memoryMb} MB for each function.`,
      timesFrom === 'local'
        ? 'The functions take another time on AWS than on this machine, which their part is computed from.'
        : 'The start of a function, which is billed too, is not in the history.',
      `A row is taken to have at most ${WRITE_KB} KB. Requests to S3, the ledger, storage and logs are left out; they are a small part.`,
    ],
  };
}

function item(state: string, what: string, amount: number, unit: string, price: number): CostItem {
  return { state, what, amount, unit, dollars: amount * price };
}
