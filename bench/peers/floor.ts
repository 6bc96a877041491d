/**
 * What plain `node:http` takes for the same traffic: the file is read and thrown away, and bodies that were made before
 * are sent, 25 rows in each, unsigned. Nothing is parsed or checked. Only the traffic is counted, not the making of the bodies.
 */

import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { csvFile } from '../measure/csv-file.ts';
import { reportUsage } from './report-usage.ts';

/** Requests under way at once. */
const AT_ONCE = 16;

/** Rows of a request; source: BatchWriteItem in the DynamoDB API reference. */
const ROWS = 25;

const { ENDPOINT = '', BUCKET = '', KEY = '', TABLE = '', SIZE = '' } = process.env;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

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
        date: { S: '2024-07-14T00:00:00' },
      };
      return { PutRequest: { Item } };
    });
    return Buffer.from(JSON.stringify({ RequestItems: { [TABLE]: writes } }));
  });
}

async function answerTo(sent: ReturnType<typeof request>): Promise<IncomingMessage> {
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response?.statusCode !== 200) throw new Error(`The endpoint answered ${response?.statusCode}.`);
  return response;
}

async function read(): Promise<void> {
  const response = await answerTo(request(`${ENDPOINT}/${BUCKET}/${KEY}`, { agent }).end());
  for await (const _ of response);
}

async function send(waiting: Buffer[]): Promise<void> {
  for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
    const headers = {
      'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
      'content-type': 'application/x-amz-json-1.0',
      'content-length': body.length,
    };
    await buffer(await answerTo(request(ENDPOINT, { agent, method: 'POST', headers }).end(body)));
  }
}

async function run(): Promise<void> {
  const waiting = bodies(csvFile(Number(SIZE)).rows);
  const before = process.cpuUsage();
  await read();
  await Promise.all(Array.from({ length: AT_ONCE }, () => send(waiting)));
  reportUsage(before);
  agent.destroy();
}

void run();
