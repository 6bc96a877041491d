/** Stands in front of moto: fills its {@link gaps}, and notes what is called. */

import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { CALLS_PATH, type Call, callOf } from './calls.ts';
import { type AwsAnswer, type AwsRequest, type Gap, gaps } from './gaps.ts';

export class GapProxy {
  /** All calls so far, in their order. */
  readonly #calls: Call[] = [];
  readonly #moto: string;
  readonly #gaps: readonly Gap[] = gaps();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((message, response) => {
    this.#serve(message, response).catch((error) => response.destroy(error));
  });

  /** @param moto its address */
  constructor(moto: string) {
    this.#moto = moto;
  }

  /** @returns its own address, on a free port */
  async start(): Promise<string> {
    // A provider that was interrupted leaves its connections as they are; what it had asked for is done nevertheless.
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request: AwsRequest = {
      method: message.method ?? '',
      url: new URL(message.url ?? '', this.#moto),
      headers: message.headers,
      body: await buffer(message),
    };
    const call = callOf(request);
    if (call !== undefined) this.#calls.push(call);
    if (request.url.pathname === CALLS_PATH) {
      response.end(JSON.stringify(this.#calls));
      return;
    }
    const own = this.#gaps.map((gap) => gap.answer?.(request)).find((answer) => answer !== undefined);
    const answer = own ?? (await this.#complete(request, message.url ?? ''));
    response.writeHead(answer.status, {
      ...answer.headers,
      // The answer to HEAD says how long a body would be.
      ...(request.method !== 'HEAD' && { 'content-length': String(answer.body.length) }),
    });
    response.end(answer.body);
  }

  async #complete(request: AwsRequest, path: string): Promise<AwsAnswer> {
    const answer = await this.#forward(request, path);
    return this.#gaps.reduce((done, gap) => gap.complete?.(request, done) ?? done, answer);
  }

  /** @param path as it was asked for, since a URL object changes some characters of it */
  async #forward({ method, headers, body }: AwsRequest, path: string): Promise<AwsAnswer> {
    const { hostname, port } = new URL(this.#moto);
    // With the Host as it came, the addresses in moto's answers are those of this proxy.
    const outgoing = openRequest({ hostname, port, path, method, headers, agent: this.#agent });
    outgoing.end(body);
    const [answer]: IncomingMessage[] = await once(outgoing, 'response');
    if (answer === undefined) throw new Error('moto did not answer.');
    const { 'transfer-encoding': _chunked, connection: _connection, ...rest } = answer.headers;
    return { status: answer.statusCode ?? 502, headers: rest, body: await buffer(answer) };
  }
}
