/** A proxy between the functions and S3 and DynamoDB that injects the faults of a {@link FaultPlan}. */

import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as openRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  type Answer,
  failure,
  head,
  json,
  ofAnotherVersion,
  type Service,
  send,
  throttled,
  truncated,
} from './answers.ts';
import { drawn, type FaultKind, type FaultPlan } from './faults.ts';

/** A process that runs a function. */
export interface FunctionProcess {
  /** The function, by its folder's name. */
  readonly target: string;
  /** Name of the execution that it works for, or worked for last. */
  readonly execution: () => string;
  readonly kill: () => void;
  /** Makes it run out of memory. */
  readonly exhaust: () => void;
}

/** A request, and what to forward of it. */
interface Passed {
  readonly service: Service;
  readonly message: IncomingMessage;
  readonly body: Buffer;
}

/** Milliseconds for which new connections are refused. */
const REFUSING = 120;

/** Maximum latency, in milliseconds. */
const LATENCY = 150;

/** Milliseconds after which a load has no time left. */
const STALL = 2_600;

/**
 * Milliseconds after which the request of a killed function takes effect.
 */
const LATE = 900;

/** Milliseconds after which a request takes effect that the function has given up on. */
const VERY_LATE = 2_900;

const BATCH_WRITE = 'DynamoDB_20120810.BatchWriteItem';

/** Size of a trickle's pieces, in bytes. */
const PIECE_BYTES = 300;

/** Milliseconds between two pieces of a trickle. */
const PIECE_PAUSE = 8;

const batchWrite = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(z.object({ PutRequest: z.object({ Item: z.record(z.string(), z.unknown()) }) })),
  ),
});

const APP_ID = /app\/fault-(\d+)/;

export class FaultyProxy {
  /** How often each kind of fault was injected. */
  readonly injected = new Map<FaultKind, number>();
  readonly #servers: Readonly<Record<Service, Server>>;
  readonly #ports: Record<Service, number> = { s3: 0, dynamodb: 0 };
  readonly #upstream: Record<Service, string> = { s3: '', dynamodb: '' };
  readonly #agent = new Agent({ keepAlive: true });
  readonly #processes = new Map<number, FunctionProcess>();
  #admitted = 0;
  /** By execution name. */
  readonly #plans = new Map<string, FaultPlan>();
  /** Path of the object, and the paths of its versions by version ID, if it has any. */
  #source = '';
  readonly #versions = new Map<string, string>();
  #latest = '';
  #inFlight = 0;

  constructor() {
    const serve = (service: Service) =>
      createServer((message, response) => {
        this.#inFlight += 1;
        this.#serve(service, message, response)
          // A killed process neither sends the rest of its request nor receives the response.
          .catch(() => message.socket.destroy())
          .finally(() => {
            this.#inFlight -= 1;
          });
      });
    this.#servers = { s3: serve('s3'), dynamodb: serve('dynamodb') };
  }

  async start(): Promise<void> {
    for (const service of ['s3', 'dynamodb'] as const) {
      const server = this.#servers[service];
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
      this.#ports[service] = address.port;
    }
  }

  /** Assigns an ID to a process, and the variables that direct its requests to this proxy. */
  admit(upstream: Readonly<Record<Service, string>>) {
    Object.assign(this.#upstream, upstream);
    this.#admitted += 1;
    return {
      id: this.#admitted,
      variables: {
        AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${this.#ports.s3}`,
        AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${this.#ports.dynamodb}`,
        AWS_SDK_UA_APP_ID: `fault-${this.#admitted}`,
      },
    };
  }

  register(id: number, process: FunctionProcess): void {
    this.#processes.set(id, process);
  }

  forget(id: number): void {
    this.#processes.delete(id);
  }

  /** Lets an execution's requests meet these faults from now on. */
  disturb(execution: string, plan: FaultPlan): void {
    this.#plans.set(execution, plan);
  }

  /** Sets the path of the object to load, and forgets all versions. */
  watch(source: string): void {
    this.#source = source;
    this.#versions.clear();
    this.#latest = '';
  }

  /** Makes an object the newest version of the object to load. */
  addVersion(id: string, path: string): void {
    this.#versions.set(id, path);
    this.#latest = id;
  }

  /** Ends all faults, and resolves once no request is in flight. */
  async calm(): Promise<void> {
    this.#plans.clear();
    while (this.#inFlight > 0) await sleep(2);
  }

  close(): void {
    this.#agent.destroy();
    for (const server of Object.values(this.#servers)) {
      server.closeAllConnections();
      server.close();
    }
  }

  async #serve(service: Service, message: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = Number(APP_ID.exec(message.headers['user-agent'] ?? '')?.[1]);
    const process = this.#processes.get(id);
    if (process === undefined) throw new Error('A request came from an unknown process.');
    const isWrite = message.headers['x-amz-target'] === BATCH_WRITE;
    const execution = process.execution();
    const fault = (identity: string) =>
      this.#plans.get(execution)?.of({
        target: process.target,
        service,
        method: message.method ?? '',
        isWrite,
        identity: `${process.target} ${identity}`,
        isSource: message.url?.split('?')[0] === this.#source,
        isRange: message.headers.range !== undefined,
        length: Number(message.headers['content-length'] ?? 0),
      });
    // Before the body has arrived, since a fault may occur in the middle of it.
    const early = service === 's3' ? fault(objectIdentity(message, execution)) : undefined;
    if (early?.kind === 'reset-upload') {
      this.#count(early.kind);
      await once(message, 'data');
      message.socket.resetAndDestroy();
      return;
    }
    const body = await buffer(message);
    const passed = { service, message, body };
    const met =
      service === 's3'
        ? early
        : fault(isWrite ? batchIdentity(body) : String(message.headers['x-amz-target']));
    if (met === undefined) return send(response, await this.#pass(passed));
    this.#count(met.kind);
    await this.#meet(met.kind, met.where, passed, response, process);
  }

  #count(kind: FaultKind): void {
    this.injected.set(kind, (this.injected.get(kind) ?? 0) + 1);
  }

  async #pass({ service, message, body }: Passed): Promise<Answer> {
    const url = new URL(message.url ?? '/', this.#upstream[service]);
    const isVersioned = this.#versions.size > 0 && url.pathname === this.#source;
    const version = isVersioned ? (url.searchParams.get('versionId') ?? this.#latest) : undefined;
    if (version !== undefined) {
      url.pathname = this.#versions.get(version) ?? `${url.pathname}/no-such-version`;
      url.searchParams.delete('versionId');
    }
    const request = openRequest(url, {
      agent: this.#agent,
      method: message.method ?? 'GET',
      headers: { ...message.headers, 'content-length': body.length },
    });
    request.end(body);
    const [answer]: IncomingMessage[] = await once(request, 'response');
    if (answer === undefined) throw new Error('There is no response.');
    return {
      status: answer.statusCode ?? 0,
      headers: { ...answer.headers, ...(version !== undefined && { 'x-amz-version-id': version }) },
      body: await buffer(answer),
    };
  }

  /** @param where a number in [0, 1) that says where in the request, or in its response. */
  async #meet(
    kind: FaultKind,
    where: number,
    passed: Passed,
    response: ServerResponse,
    process: FunctionProcess,
  ): Promise<void> {
    const { service, message } = passed;
    switch (kind) {
      case 'refuse':
        await this.#refuse(service, message);
        return;
      case 'reset':
        message.socket.resetAndDestroy();
        return;
      case 'reset-download': {
        const answer = await this.#pass(passed);
        const cut = Math.floor(where * answer.body.length);
        head(response, answer);
        response.write(answer.body.subarray(0, cut));
        await sleep(5);
        if (cut % 2 === 0) message.socket.resetAndDestroy();
        else message.socket.end();
        return;
      }
      case 'latency':
        await sleep(where * LATENCY);
        if (!message.socket.destroyed) send(response, await this.#pass(passed));
        return;
      case 'stall': {
        const answer = where < 0.5 ? await this.#pass(passed) : undefined;
        await sleep(STALL);
        if (!message.socket.destroyed) send(response, answer ?? (await this.#pass(passed)));
        return;
      }
      case 'late': {
        await sleep(VERY_LATE);
        const answer = await this.#pass(passed);
        if (!message.socket.destroyed) send(response, answer);
        return;
      }
      case 'trickle': {
        const answer = await this.#pass(passed);
        head(response, answer);
        for (let at = 0; at < answer.body.length; at += PIECE_BYTES) {
          response.write(answer.body.subarray(at, at + PIECE_BYTES));
          await sleep(PIECE_PAUSE);
        }
        response.end();
        return;
      }
      case 'status-500':
      case 'status-503':
        send(response, failure(service, kind === 'status-500' ? 500 : 503));
        return;
      case 'throttle':
        send(response, throttled(where));
        return;
      case 'unprocessed-some':
      case 'unprocessed-all':
        send(response, await this.#writeSome(passed, kind === 'unprocessed-all' ? 0 : where));
        return;
      case 'lost-answer':
        await this.#pass(passed);
        message.socket.resetAndDestroy();
        return;
      case 'truncate':
        send(response, truncated(await this.#pass(passed), where));
        return;
      case 'wrong-etag':
        send(response, ofAnotherVersion(await this.#pass(passed)));
        return;
      case 'kill':
        if (where < 0.5) await this.#pass(passed);
        process.kill();
        return;
      case 'kill-late':
        process.kill();
        await sleep(LATE);
        await this.#pass(passed);
        return;
      case 'timeout':
        if (where < 0.5) await this.#pass(passed);
        if (!message.socket.destroyed) await once(message.socket, 'close');
        return;
      case 'memory':
        process.exhaust();
        send(response, await this.#pass(passed));
        return;
      default:
        throw new Error(`${kind} does not belong here.`);
    }
  }

  /** Refuses new connections for a moment. */
  async #refuse(service: Service, message: IncomingMessage): Promise<void> {
    const server = this.#servers[service];
    message.socket.resetAndDestroy();
    if (!server.listening) return;
    server.close();
    server.closeIdleConnections();
    await sleep(REFUSING);
    server.listen(this.#ports[service], '127.0.0.1');
    await once(server, 'listening');
  }

  /** Writes a share of a batch, and returns the others as unprocessed. */
  async #writeSome({ service, message, body }: Passed, share: number): Promise<Answer> {
    const [[table = '', writes = []] = []] = Object.entries(
      batchWrite.parse(JSON.parse(body.toString())).RequestItems,
    );
    const salted = writes.map((write) => ({ write, draw: drawn(`${share} ${JSON.stringify(write)}`) }));
    const taken = salted.filter(({ draw }) => draw < share).slice(0, writes.length - 1);
    const refused = salted.filter((one) => !taken.includes(one)).map(({ write }) => write);
    if (taken.length > 0) {
      const RequestItems = { [table]: taken.map(({ write }) => write) };
      await this.#pass({ service, message, body: Buffer.from(JSON.stringify({ RequestItems })) });
    }
    return json(200, { UnprocessedItems: { [table]: refused } });
  }
}

/** Identifies a request to S3, without the parts that differ in each execution. */
function objectIdentity({ method = '', url = '', headers }: IncomingMessage, execution: string): string {
  return `${method} ${url.replaceAll(execution, '')} ${headers.range ?? ''}`;
}

/** Identifies a batch by its first item's key, since the other items may be retried in other batches. */
function batchIdentity(body: Buffer): string {
  const [writes = []] = Object.values(batchWrite.parse(JSON.parse(body.toString())).RequestItems);
  const { pk, sk } = writes[0]?.PutRequest.Item ?? {};
  return JSON.stringify([pk, sk]);
}
