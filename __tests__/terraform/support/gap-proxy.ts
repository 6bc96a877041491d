/** A proxy in front of moto that fills its {@link gaps} and records all calls. */

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
  /** All calls so far, in order. */
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
    // An interrupted provider drops its connections, but its requests take effect nevertheless.
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
      // The response to a HEAD request has the content length of a body that it does not contain.
      ...(request.method !== 'HEAD' && { 'content-length': String(answer.body.length) }),
    });
    response.end(answer.body);
  }

  async #complete(request: AwsRequest, path: string): Promise<AwsAnswer> {
    const answer = await this.#forward(request, path);
    return this.#gaps.reduce((done, gap) => gap.complete?.(request, done) ?? done, answer);
  }

  /** @param path as requested, because a URL object changes some characters */
  async #forward({ method, headers, body }: AwsRequest, path: string): Promise<AwsAnswer> {
    const { hostname, port } = new URL(this.#moto);
    // With the original Host header, the addresses in moto's responses are those of this proxy.
    const outgoing = openRequest({ hostname, port, path, method, headers, agent: this.#agent });
    outgoing.end(body);
    const [answer]: IncomingMessage[] = await once(outgoing, 'response');
    if (answer === undefined) throw new Error('moto did not answer.');
    const { 'transfer-encoding': _chunked, connection: _connection, ...rest } = answer.headers;
    return { status: answer.statusCode ?? 502, headers: rest, body: await buffer(answer) };
  }
}
