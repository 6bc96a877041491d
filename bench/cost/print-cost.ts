/** What a file will cost at list prices, for a person to read. */

import { PRICES_OF } from '../../report/record/prices.ts';
import { textTable as table } from '../../report/terminal/table.ts';
import { rounded } from '../compare/checks.ts';
import type { Cost } from './cost.ts';
import type { FileCost } from './file-cost.ts';

/** The whole estimate, as lines. */
export function costSummary({ environment, workload, cost, peers }: FileCost): string {
  return `${[
    `${rounded(workload.size)} bytes, ${rounded(workload.rows)} rows, in the environment ${environment.name}, into a table that accepts ${rounded(workload.writesPerSecond)} writes per second; at the list prices of ${PRICES_OF} in US East, without free tiers, logs and traces`,
    printed(cost),
    table(
      ['instead', 'dollars', ''],
      peers.map((peer) => [
        peer.name,
        peer.dollars === undefined ? 'not possible' : dollars(peer.dollars),
        peer.note,
      ]),
    ),
  ].join('\n\n')}\n`;
}

function dollars(value: number): string {
  return `$${value < 0.01 ? value.toFixed(6) : value.toFixed(4)}`;
}

function printed(cost: Cost): string {
  const { states, services, counts, gbSeconds, floor } = cost;
  return [
    table(
      ['state', 'entered', 'GB-seconds', 'S3 requests', 'table writes', 'dollars'],
      states.map((each) => [
        each.state,
        rounded(each.transitions),
        each.gbSeconds.toFixed(1),
        rounded(each.objectReads + each.objectWrites),
        rounded(each.tableWrites + each.ledgerWrites),
        dollars(each.dollars),
      ]),
    ),
    table(
      ['service', 'dollars'],
      [...Object.entries(services), ['total', cost.dollars] as const].map(([name, value]) => [
        name,
        dollars(value),
      ]),
    ),
    `${rounded(counts.transitions)} transitions, ${rounded(counts.invocations)} invocations, ${gbSeconds.toFixed(1)} GB-seconds. The total is ${(cost.dollars / floor).toFixed(3)} times the price of writing all rows, which everything that writes them has to pay, but for DynamoDB's own import.`,
  ].join('\n\n');
}
