/**
 * A request handler for the SDK that does no more than send a body and gather the answer. Of a small request the SDK's
 * own, with its five timers and its stream of the answer, took 0.2 ms of a processor more.
 */

import * as http from 'node:http';
import * as https from 'node:https';
import { type HttpHandlerUserInput, HttpResponse } from '@smithy/core/protocols';

type Handler = Extract<HttpHandlerUserInput, { handle: unknown }>;

/** Milliseconds of silence, while connecting or waiting, after which a request counts as failed. */
const MAX_SILENCE = 30_000;

/** Keeps so many connections at most. */
export class Connections implements Handler {
  readonly metadata = { handlerProtocol: 'http/1.1' };
  readonly #agents: Readonly<Record<string, http.Agent>>;

  constructor(connections: number) {
    const options = { keepAlive: true, maxSockets: connections, timeout: MAX_SILENCE };
    this.#agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  }

  /** @throws the connection's error; the signal's reason when it is aborted. */
  handle: Handler['handle'] = (
    { protocol, hostname, port, path, method, headers, body },
    { abortSignal } = {},
  ) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ response: HttpResponse }>();
    const { request } = protocol === 'https:' ? https : http;
    const agent = this.#agents[protocol];
    // As a list they are sent as they are; of an object Node.js checks and keeps each.
    const list = Object.entries(headers).flat();
    const sent = request({ agent, hostname, port, path, method, headers: list }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('end', () => {
        const answered = { statusCode: answer.statusCode ?? 0, body: Buffer.concat(pieces), headers: {} };
        resolve({ response: new HttpResponse(answered) });
      });
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(timedOut()));
    if (abortSignal instanceof AbortSignal) {
      const abort = () => sent.destroy(new Error('The request was given up.', { cause: abortSignal.reason }));
      if (abortSignal.aborted) abort();
      abortSignal.addEventListener('abort', abort);
      sent.on('close', () => abortSignal.removeEventListener('abort', abort));
    }
    sent.end(body);
    return promise;
  };

  destroy(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  /** The SDK offers a logger and timeouts of its own, for which there is no use here. */
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }
}

function timedOut(): Error {
  return Object.assign(new Error(`There was no answer for ${MAX_SILENCE} ms.`), { name: 'TimeoutError' });
}
