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
import { BATCH_WRITE, batchWrite, writtenKey } from './writes.ts';

/** An invocation of a function in a process. */
export interface Invocation {
  /** The function, by its folder's name. */
  readonly target: string;
  /** Name of the execution that it works for. */
  readonly execution: string;
  /** Kills the process. */
  readonly kill: () => void;
  /** Makes the process run out of memory. */
  readonly exhaust: () => void;
}

/** An invocation, and what it has done. */
interface Followed extends Invocation {
  /** Whether it has sent rows. */
  hasWritten: boolean;
  /** Number of its writes in flight: those that it has neither a response to nor given up. */
  writing: number;
  /** Whether it has read the beginning of an overwritten object. */
  hasBegun: boolean;
  /** What it knows about the owner of the upload; `other` from {@link NOTICE} after `told`, when it must have stopped. */
  owner: 'itself' | 'told' | 'other';
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

/** Milliseconds within which a load that learns of another owner stops writing. */
const NOTICE = 400;

/** Maximum milliseconds for which responses wait until a load learns of another owner. */
const UNTOLD = 2_000;

/** Milliseconds within which outdated responses follow the one that names another owner. */
const OUTDATED = 100;

/** Milliseconds after which the other owner is named again. */
const REPEATED = 1_000;

/** Maximum milliseconds for which the rest of an overwritten object waits for a write. */
const OVERWRITING = 1_000;

/** Milliseconds after which a load has no time left. */
const STALL = 2_600;

/**
 * Milliseconds after which the request of a killed function takes effect.
 */
const LATE = 900;

/** Milliseconds after which a request takes effect that the function has given up on. */
const VERY_LATE = 2_900;

/** Only the ledger is read with it. */
const GET_ITEM = 'DynamoDB_20120810.GetItem';

/** In the body of the request with which a writer removes itself from the ledger. */
const LEAVES = 'REMOVE #writers.';

/** Size of a trickle's pieces, in bytes. */
const PIECE_BYTES = 300;

/** Milliseconds between two pieces of a trickle. */
const PIECE_PAUSE = 8;

const APP_ID = /app\/fault-(\d+)/;

export class FaultyProxy {
  /** How often each kind of fault was injected. */
  readonly injected = new Map<FaultKind, number>();
  /** What functions have done, since the object was set, that they must never do. */
  readonly violations = new Set<string>();
  readonly #servers: Readonly<Record<Service, Server>>;
  readonly #ports: Record<Service, number> = { s3: 0, dynamodb: 0 };
  readonly #upstream: Record<Service, string> = { s3: '', dynamodb: '' };
  readonly #agent = new Agent({ keepAlive: true });
  /** The last invocation of each process, by the process's ID. */
  readonly #invocations = new Map<number, Followed>();
  #admitted = 0;
  /** By execution name. */
  readonly #plans = new Map<string, FaultPlan>();
  /** Paths of the objects to load. */
  #sources: ReadonlySet<string> = new Set();
  #isVersioned = true;
  #hasWrites = false;
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

  /** Attributes the requests of a process to an invocation from now on. */
  follow(id: number, invocation: Invocation): void {
    this.#invocations.set(id, {
      ...invocation,
      hasWritten: false,
      writing: 0,
      hasBegun: false,
      owner: 'itself',
    });
  }

  forget(id: number): void {
    this.#invocations.delete(id);
  }

  /** Lets an execution's requests meet these faults from now on. */
  disturb(execution: string, plan: FaultPlan): void {
    this.#plans.set(execution, plan);
  }

  /**
   * Sets the objects to load, and forgets all violations.
   * @param sources their paths
   * @param isVersioned whether the functions learn their version IDs
   */
  watch(sources: readonly string[], isVersioned: boolean): void {
    this.#sources = new Set(sources);
    this.#isVersioned = isVersioned;
    this.#hasWrites = false;
    this.violations.clear();
  }

  /** Whether rows of the objects have been sent to the table. */
  get hasWrites(): boolean {
    return this.#hasWrites;
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
    const invocation = this.#invocations.get(id);
    if (invocation === undefined) throw new Error('A request came from an unknown process.');
    const operation = message.headers['x-amz-target'];
    const isLook = operation === GET_ITEM;
    const { target, execution } = invocation;
    const fault = (identity: string, isWrite: boolean) =>
      this.#plans.get(execution)?.of({
        target,
        service,
        method: message.method ?? '',
        isWrite,
        isLook,
        identity: `${target} ${identity}`,
        isSource: this.#sources.has(message.url?.split('?')[0] ?? ''),
        isRange: message.headers.range !== undefined,
        length: Number(message.headers['content-length'] ?? 0),
      });
    // Before the body has arrived, since a fault may occur in the middle of it.
    const early = service === 's3' ? fault(objectIdentity(message, execution), false) : undefined;
    if (early?.kind === 'reset-upload') {
      this.#count(early.kind);
      await once(message, 'data');
      message.socket.resetAndDestroy();
      return;
    }
    const body = await buffer(message);
    const written = service === 's3' ? undefined : writtenKey(operation, body);
    const isWrite = written !== undefined;
    if (isWrite) this.#begin(invocation, response);
    if (invocation.writing > 0 && body.includes(LEAVES)) {
      this.violations.add(`a writer of ${execution} left the ledger while its writes were in flight`);
    }
    const passed = { service, message, body };
    const met = service === 's3' ? early : fault(written ?? String(operation), isWrite);
    if (met !== undefined) {
      this.#count(met.kind);
      return this.#meet(met.kind, met.where, passed, response, invocation);
    }
    const answer = await this.#pass(passed);
    send(response, answer);
    if (isLook && isOfOther(answer, invocation)) tell(invocation);
  }

  /** Counts a write as in flight until the response is sent, or its connection is closed. */
  #begin(invocation: Followed, response: ServerResponse): void {
    this.#hasWrites = true;
    if (invocation.owner === 'other') {
      this.violations.add(`${invocation.execution} wrote after it had read that the upload is another one's`);
    }
    invocation.hasWritten = true;
    invocation.writing += 1;
    response.once('close', () => {
      invocation.writing -= 1;
    });
  }

  #count(kind: FaultKind): void {
    this.injected.set(kind, (this.injected.get(kind) ?? 0) + 1);
  }

  async #pass({ service, message, body }: Passed): Promise<Answer> {
    const url = new URL(message.url ?? '/', this.#upstream[service]);
    const request = openRequest(url, {
      agent: this.#agent,
      method: message.method ?? 'GET',
      headers: { ...message.headers, 'content-length': body.length },
    });
    request.end(body);
    const [answer]: IncomingMessage[] = await once(request, 'response');
    if (answer === undefined) throw new Error('There is no response.');
    const { 'x-amz-version-id': _, ...headers } = answer.headers;
    const hidden = this.#sources.has(url.pathname) && !this.#isVersioned;
    return {
      status: answer.statusCode ?? 0,
      headers: hidden ? headers : answer.headers,
      body: await buffer(answer),
    };
  }

  /** @param where a number in [0, 1) that says where in the request, or in its response. */
  async #meet(
    kind: FaultKind,
    where: number,
    passed: Passed,
    response: ServerResponse,
    invocation: Followed,
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
      case 'outdated':
        await this.#outdate(where, passed, response, invocation);
        return;
      case 'overwritten': {
        const answer = await this.#pass(passed);
        if (invocation.hasBegun) return send(response, ofAnotherVersion(answer));
        invocation.hasBegun = true;
        head(response, answer);
        response.write(answer.body.subarray(0, Math.floor(((1 + where) / 2) * answer.body.length)));
        await until(() => invocation.writing > 0, OVERWRITING);
        message.socket.resetAndDestroy();
        return;
      }
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
        send(response, await this.#writeSome(passed, kind === 'unprocessed-all' ? 0 : where, where));
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
        invocation.kill();
        return;
      case 'kill-late':
        invocation.kill();
        await sleep(LATE);
        await this.#pass(passed);
        return;
      case 'timeout':
        if (where < 0.5) await this.#pass(passed);
        if (!message.socket.destroyed) await once(message.socket, 'close');
        return;
      case 'memory':
        invocation.exhaust();
        send(response, await this.#pass(passed));
        return;
      default:
        throw new Error(`${kind} does not belong here.`);
    }
  }

  /**
   * The first look at the ledger that finds another owner is answered at once, every earlier one soon after it, and every
   * later one long after it. Whatever is being written is refused once the load has had time to stop.
   */
  async #outdate(
    where: number,
    passed: Passed,
    response: ServerResponse,
    invocation: Followed,
  ): Promise<void> {
    const isWrite = passed.message.headers['x-amz-target'] !== GET_ITEM;
    const answer = isWrite ? await this.#writeSome(passed, 0, where) : await this.#pass(passed);
    if (isWrite) await until(() => invocation.owner === 'other', UNTOLD);
    else if (!isOfOther(answer, invocation)) {
      await until(() => invocation.owner !== 'itself', UNTOLD);
      await sleep(where * OUTDATED);
    } else if (invocation.owner === 'itself') tell(invocation);
    else await sleep(REPEATED);
    if (!passed.message.socket.destroyed) send(response, answer);
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

  /** Writes a share of a batch, and returns the others as unprocessed. A single write is refused. */
  async #writeSome({ service, message, body }: Passed, share: number, where: number): Promise<Answer> {
    if (message.headers['x-amz-target'] !== BATCH_WRITE) return throttled(where);
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

/** Waits until something is the case, or for a number of milliseconds. */
async function until(is: () => boolean, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!is() && performance.now() < end) await sleep(2);
}

/** Whether a response of the ledger names another execution as the owner. */
function isOfOther({ body }: Answer, { execution }: Invocation): boolean {
  return !body.includes(JSON.stringify(execution));
}

/** Remembers that an invocation is now being told of another owner. */
function tell(invocation: Followed): void {
  if (invocation.owner !== 'itself') return;
  invocation.owner = 'told';
  // The first writes of a process, which only then finds its credentials, may be sent long after they were due.
  if (!invocation.hasWritten) return;
  setTimeout(() => {
    invocation.owner = 'other';
  }, NOTICE);
}

/** Identifies a request to S3, without the parts that differ in each execution or each run of a schedule. */
function objectIdentity({ method = '', url = '', headers }: IncomingMessage, execution: string): string {
  return `${method} ${url.replaceAll(execution, '').replace(/versionId=\w+/, '')} ${headers.range ?? ''}`;
}
