/**
 * The same traffic with plain `node:http`. It reads the file and discards it, and sends prepared, unsigned request bodies
 * of 25 rows each. Nothing is parsed or checked. Only the traffic is measured, not the preparation of the bodies.
 */

import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { csvFile } from '../measure/csv-file.ts';
import { reportUsage } from './report-usage.ts';

/** The most requests in flight. */
const MAX_IN_FLIGHT = 16;

/** The number of rows of a request; source: BatchWriteItem in the DynamoDB API reference. */
const ROWS = 25;

const { ENDPOINT = '', BUCKET = '', KEY = '', TABLE = '', SIZE = '' } = process.env;
const agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT });

function bodies(rows: number): Buffer[] {
  return Array.from({ length: Math.ceil(rows / ROWS) }, (_, batch) => {
    const writes = Array.from({ length: Math.min(ROWS, rows - batch * ROWS) }, (_, row) => {
      const id = String(batch * ROWS + row).padStart(12, '0');
      const [name, amount] = [{ S: 'Grace Hopper' }, { N: '47514.31' }];
      const Item = {
        pk: { S: `ROW#${id}` },
        id: { S: id },
        name,
        amount,
        date: { S: '2024-07-14T00:00:00.000' },
      };
      return { PutRequest: { Item } };
    });
    return Buffer.from(JSON.stringify({ RequestItems: { [TABLE]: writes } }));
  });
}

async function responseTo(sent: ReturnType<typeof request>): Promise<IncomingMessage> {
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response?.statusCode !== 200)
    throw new Error(`The endpoint returned the status ${response?.statusCode}.`);
  return response;
}

async function read(): Promise<void> {
  const response = await responseTo(request(`${ENDPOINT}/${BUCKET}/${KEY}`, { agent }).end());
  for await (const _ of response);
}

async function send(waiting: Buffer[]): Promise<void> {
  for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
    const headers = {
      'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
      'content-type': 'application/x-amz-json-1.0',
      'content-length': body.length,
    };
    await buffer(await responseTo(request(ENDPOINT, { agent, method: 'POST', headers }).end(body)));
  }
}

async function run(): Promise<void> {
  const waiting = bodies(csvFile(Number(SIZE)).rows);
  const before = process.cpuUsage();
  await read();
  await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, () => send(waiting)));
  reportUsage(before);
  agent.destroy();
}

void run();
