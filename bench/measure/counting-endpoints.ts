/**
 * The parts of S3 and DynamoDB that the pipeline uses, with counts instead of data. The source bucket contains a
 * {@link csvFile} of every size, under the key that {@link keyOf} returns. The table remembers which rows it has received.
 * Objects that the pipeline writes are kept in memory. Requests for the ledger are forwarded to a real DynamoDB endpoint.
 */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { csvFile } from './csv-file.ts';

/** What the endpoints have counted since they were last reset. */
export interface Counts {
  readonly requests: Readonly<
    Record<
      'HEAD' | 'GET' | 'LIST' | 'PUT' | 'POST' | 'BatchWriteItem' | 'ledgerReads' | 'ledgerWrites',
      number
    >
  >;
  /** The bytes of the file that were sent. */
  readonly bytesServed: number;
  /** The rows of the file that are in the table. */
  readonly rows: number;
  /** The writes of rows that were in the table already. */
  readonly rowsAgain: number;
}

/** GET returns the {@link Counts}; DELETE resets them, empties the table and deletes all objects. */
export const COUNTS_PATH = '/-/counts';

/** PUT begins another night: it resets the {@link Counts}, and each {@link csvFile} has that night's rows from then on. */
export const NIGHT_PATH = '/-/night/';

/** The key of the {@link csvFile} with these arguments. */
export function keyOf(bytes: number, rowBytes = 0): string {
  return rowBytes === 0 ? `rows-${bytes}.csv` : `rows-${bytes}-${rowBytes}.csv`;
}

/** The parts of a BatchWriteItem that are read. They are not validated, so that the endpoint costs as little as possible. */
interface BatchWrite {
  readonly RequestItems: Readonly<
    Record<
      string,
      readonly { readonly PutRequest?: { readonly Item: { readonly pk: { readonly S: string } } } }[]
    >
  >;
}

const noRequests = {
  HEAD: 0,
  GET: 0,
  LIST: 0,
  PUT: 0,
  POST: 0,
  BatchWriteItem: 0,
  ledgerReads: 0,
  ledgerWrites: 0,
};

/** The endpoints of both services, on one port. */
export class CountingEndpoints {
  readonly #server: Server;
  #requests = { ...noRequests };
  #bytesServed = 0;
  #night = 0;
  /** One bit for each id. It grows when an id is beyond its end. */
  #seen = new Uint8Array(1_024);
  #rows = 0;
  #rowsAgain = 0;
  /** The objects that were put, by path. */
  readonly #objects = new Map<string, Buffer>();

  readonly #ledger: string;
  readonly #latency: number;

  /**
   * @param ledger the URL of a DynamoDB endpoint for every request that is not a BatchWriteItem
   * @param latency milliseconds until a BatchWriteItem is answered
   */
  constructor(ledger: string, latency = 0) {
    this.#ledger = ledger;
    this.#latency = latency;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) =>
        response.destroy(error instanceof Error ? error : undefined),
      );
    });
  }

  /** @returns the port on the loopback interface */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The endpoints have no port.');
    return address.port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === COUNTS_PATH) return this.#answerCounts(request, response);
    if (request.headers['x-amz-target'] !== undefined) return this.#answerWrite(request, response);
    const { method } = request;
    if (method === 'PUT' && pathname.startsWith(NIGHT_PATH)) {
      this.#reset(Number(pathname.slice(NIGHT_PATH.length)));
      return void response.end();
    }
    if (method === 'GET' && searchParams.has('list-type')) {
      return this.#answerList(response, pathname, searchParams.get('prefix') ?? '');
    }
    if (method === 'GET' || method === 'HEAD') return this.#answerRead(request, response, pathname);
    const body = await bodyOf(request);
    if (method !== 'PUT' && method !== 'POST') return void response.writeHead(501).end();
    if (searchParams.has('delete')) return this.#answerDelete(response, pathname, body.toString());
    this.#requests[method] += 1;
    response.setHeader('ETag', STORED);
    if (method === 'PUT') {
      if (!searchParams.has('partNumber')) this.#objects.set(pathname, body);
      return void response.end();
    }
    response.end(
      searchParams.has('uploads')
        ? '<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>'
        : `<CompleteMultipartUploadResult><ETag>${STORED}</ETag></CompleteMultipartUploadResult>`,
    );
  }

  async #answerCounts({ method }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method === 'DELETE') {
      this.#reset(0);
      this.#objects.clear();
    }
    const counts: Counts = {
      requests: this.#requests,
      bytesServed: this.#bytesServed,
      rows: this.#rows,
      rowsAgain: this.#rowsAgain,
    };
    response.end(JSON.stringify(counts));
  }

  #reset(night: number): void {
    this.#night = night;
    this.#requests = { ...noRequests };
    [this.#bytesServed, this.#rows, this.#rowsAgain] = [0, 0, 0];
    this.#seen = new Uint8Array(1_024);
  }

  /** ListObjectsV2, with all keys on one page. Nothing that the pipeline writes has a key that XML would escape. */
  #answerList(response: ServerResponse, bucketPath: string, prefix: string): void {
    this.#requests.LIST += 1;
    const bucket = bucketPath.replace(/\/?$/, '/');
    const keys = [...this.#objects.keys()].filter((path) => path.startsWith(`${bucket}${prefix}`)).sort();
    const contents = keys.map((path) => `<Contents><Key>${path.slice(bucket.length)}</Key></Contents>`);
    response.setHeader('Content-Type', 'application/xml');
    response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`);
  }

  /** DeleteObjects, which costs nothing. */
  #answerDelete(response: ServerResponse, bucketPath: string, body: string): void {
    const bucket = bucketPath.replace(/\/?$/, '/');
    for (const [, key = ''] of body.matchAll(/<Key>([^<]*)<\/Key>/g)) this.#objects.delete(`${bucket}${key}`);
    response.setHeader('Content-Type', 'application/xml').end('<DeleteResult></DeleteResult>');
  }

  /** GetObject and HeadObject of the night's version. */
  async #answerRead(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const key = decodeURIComponent(pathname).split('/').slice(2).join('/');
    const [, bytes, rowBytes = 0] = /^rows-(\d+)(?:-(\d+))?\.csv$/.exec(key) ?? [];
    const file = bytes === undefined ? undefined : csvFile(Number(bytes), Number(rowBytes), this.#night);
    const isHead = request.method === 'HEAD';
    this.#requests[isHead ? 'HEAD' : 'GET'] += 1;
    const object = this.#objects.get(pathname);
    const size = object?.length ?? file?.size;
    if (size === undefined) return void response.writeHead(404).end();
    // As long as an ETag of AWS, so that the states have a realistic size.
    const etag =
      object === undefined ? `"${createHash('md5').update(`${this.#night} ${key}`).digest('hex')}"` : STORED;
    const ifMatch = request.headers['if-match'];
    if (ifMatch !== undefined && ifMatch !== etag) return void response.writeHead(412).end();
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    const end = Math.min(size, Number(range?.[2] ?? size) + 1);
    if (start >= end) return void response.writeHead(416).end();
    response.writeHead(range === null ? 200 : 206, {
      ETag: etag,
      'x-amz-version-id': createHash('md5').update(etag).digest('hex'),
      'Content-Length': end - start,
      'Last-Modified': new Date(FIRST_NIGHT + this.#night * DAY).toUTCString(),
      ...(range !== null && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
    });
    if (isHead) return void response.end();
    const sent =
      object === undefined ? this.#counted(file?.read(start, end) ?? []) : [object.subarray(start, end)];
    await pipeline(sent, response);
  }

  *#counted(pieces: Iterable<Buffer>): Generator<Buffer, void> {
    for (const piece of pieces) {
      this.#bytesServed += piece.length;
      yield piece;
    }
  }

  /** BatchWriteItem on a table that never throttles. */
  async #answerWrite(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (request.headers['x-amz-target'] !== 'DynamoDB_20120810.BatchWriteItem') {
      return this.#forward(request, body, response);
    }
    this.#requests.BatchWriteItem += 1;
    const { RequestItems }: BatchWrite = JSON.parse(body.toString());
    for (const writes of Object.values(RequestItems)) {
      for (const { PutRequest } of writes) {
        if (PutRequest !== undefined) this.#put(Number(PutRequest.Item.pk.S.slice('ROW#'.length)));
      }
    }
    if (this.#latency > 0) await sleep(this.#latency);
    response.setHeader('Content-Type', 'application/x-amz-json-1.0').end('{"UnprocessedItems":{}}');
  }

  async #forward({ headers }: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { authorization = '', 'x-amz-date': date = '' } = headers;
    const target = String(headers['x-amz-target']);
    this.#requests[target.includes('GetItem') ? 'ledgerReads' : 'ledgerWrites'] += 1;
    const answer = await fetch(this.#ledger, {
      method: 'POST',
      headers: {
        authorization,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-date': String(date),
        'x-amz-target': target,
      },
      body: new Uint8Array(body),
    });
    response.writeHead(answer.status, { 'Content-Type': 'application/x-amz-json-1.0' });
    response.end(await answer.text());
  }

  #put(id: number): void {
    const [byte, bit] = [Math.floor(id / 8), 1 << (id % 8)];
    if (byte >= this.#seen.length) {
      const longer = new Uint8Array(2 * byte);
      longer.set(this.#seen);
      this.#seen = longer;
    }
    const bits = this.#seen[byte] ?? 0;
    if ((bits & bit) !== 0) this.#rowsAgain += 1;
    else this.#rows += 1;
    this.#seen[byte] = bits | bit;
  }
}

/** When the first night's files were uploaded, and how much later those of each other night, in milliseconds. */
const [FIRST_NIGHT, DAY] = [Date.UTC(2026, 0, 1), 86_400_000];

/** The ETag of every object that is put. */
const STORED = '"stored"';

/** Much cheaper than `node:stream/consumers`, which creates a Blob. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  await once(request, 'end');
  return Buffer.concat(pieces);
}
