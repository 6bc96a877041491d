/**
 * A program that writes to a throttled table over HTTP for a number of seconds and prints the result. It runs outside
 * jest, in which the writer is several times slower.
 */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { BatchWriter } from '../../../functions/core/table/batch-write.ts';
import { documentClient } from '../../../functions/core/table/connections.ts';
import { type Checkpoint, MAX_IN_FLIGHT, TableWriter } from '../../../functions/core/table/table-writer.ts';
import { PK } from '../table-key.ts';
import { startThrottledTable, type TableReport, type TableSettings } from './throttled-table.ts';

export interface LoadReport extends TableReport {
  /** Number of items put. */
  readonly put: number;
  readonly checkpoint: Checkpoint<number>;
}

/** Runs the program and returns what it prints. */
export async function throttledLoad(settings: TableSettings, seconds: number): Promise<LoadReport> {
  const module = join(import.meta.dirname, 'throttled-load.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    module,
    JSON.stringify(settings),
    String(seconds),
  ]);
  return JSON.parse(stdout);
}

async function load(settings: TableSettings, seconds: number): Promise<LoadReport> {
  const table = await startThrottledTable(settings);
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' });
  process.env.AWS_ENDPOINT_URL_DYNAMODB = table.url;
  const client = documentClient(MAX_IN_FLIGHT);
  const writer = new TableWriter<number>(new BatchWriter(client, 'results', PK), {
    writesPerSecond: null,
    remaining: () => 900_000,
    unanswered: () => undefined,
  });
  const end = performance.now() + seconds * 1_000;
  let put = 0;
  for (; performance.now() < end; put += 1) {
    const id = String(put);
    const amount = NumberValue.from('12.50');
    await writer.put({ pk: `ROW#${id}`, id, name: 'n', amount, date: '2024-01-01T00:00:00.000' }, put + 1);
  }
  const checkpoint = await writer.close(put);
  client.destroy();
  const report = await table.report();
  await table.close();
  return { put, checkpoint, ...report };
}

if (process.argv[1] === import.meta.filename) {
  const [settings = '', seconds] = process.argv.slice(2);
  load(JSON.parse(settings), Number(seconds)).then((report) => process.stdout.write(JSON.stringify(report)));
}
