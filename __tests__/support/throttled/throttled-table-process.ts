/** The process of {@link startThrottledTable}. */

import type { ServerResponse } from 'node:http';
import { TokenBucket } from '../../../bench/compare/token-bucket.ts';
import { startServer } from '../server.ts';
import type { TableReport } from './throttled-table.ts';

/** A put request as it is sent over HTTP. */
interface Put {
  readonly PutRequest: { readonly Item: { readonly pk: { readonly S: string } } };
}

const [capacity = 0, burst = 0, latency = 0] = process.argv.slice(2).map(Number);
const bucket = new TokenBucket(capacity, burst);
const stored = new Set<string>();
const perSecond: number[] = [];
let [requests, wasted] = [0, 0];
let begin: number | undefined;

const server = await startServer((_, body, response) => {
  const [[table, puts] = ['', []]] = Object.entries<readonly Put[]>(JSON.parse(body.toString()).RequestItems);
  const now = performance.now();
  begin ??= now;
  const taken = bucket.take(puts.length, now);
  requests += 1;
  if (taken < puts.length) wasted += 1;
  for (const put of puts.slice(0, taken)) stored.add(put.PutRequest.Item.pk.S);
  const second = Math.floor((now - begin) / 1_000);
  perSecond[second] = (perSecond[second] ?? 0) + taken;
  setTimeout(() => answer(response, table, puts, taken), latency);
});

/** Like DynamoDB: an error if nothing was written, otherwise the unprocessed items. */
function answer(response: ServerResponse, table: string, puts: readonly Put[], taken: number): void {
  const refused = puts.slice(taken);
  const error = {
    __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    message: 'The level of configured provisioned throughput for the table was exceeded.',
  };
  const isError = refused.length === puts.length;
  response.writeHead(isError ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(
    JSON.stringify(isError ? error : { UnprocessedItems: refused.length > 0 ? { [table]: refused } : {} }),
  );
}

process.on('message', () => {
  const report: TableReport = { requests, wasted, stored: stored.size, perSecond };
  process.send?.(report);
});
process.on('disconnect', () => process.exit());
process.send?.(server.url);
