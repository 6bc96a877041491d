/** An AWS emulator on this machine: moto, and the proxy that fills its gaps. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { GapProxy } from './gap-proxy.ts';

/** Milliseconds in which moto must start, even on a busy machine. */
const PATIENCE = 60_000;

/**
 * Ends moto when the shell's input ends, which happens however this process ends. A background process of a shell has
 * no input itself.
 */
const SCRIPT = 'moto_server -H 127.0.0.1 -p "$1" >/dev/null 2>&1 & cat; kill $!; wait';

export class Emulator {
  readonly url: string;
  readonly proxy: GapProxy;
  readonly #moto: ChildProcess;

  private constructor(url: string, proxy: GapProxy, moto: ChildProcess) {
    this.url = url;
    this.proxy = proxy;
    this.#moto = moto;
  }

  /** @throws Error when moto does not start to answer. */
  static async start(): Promise<Emulator> {
    const port = await freePort();
    const moto = spawn('sh', ['-c', SCRIPT, 'moto', String(port)], { stdio: ['pipe', 'ignore', 'inherit'] });
    const motoUrl = `http://127.0.0.1:${port}`;
    const deadline = Date.now() + PATIENCE;
    while (!(await answers(motoUrl))) {
      if (Date.now() > deadline) {
        moto.stdin?.end();
        throw new Error(`moto_server did not answer at ${motoUrl} within ${PATIENCE / 1_000} seconds.`);
      }
      await sleep(200);
    }
    const proxy = new GapProxy(motoUrl);
    return new Emulator(await proxy.start(), proxy, moto);
  }

  async close(): Promise<void> {
    await this.proxy.close();
    const gone = once(this.#moto, 'exit');
    this.#moto.stdin?.end();
    await gone;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/moto-api/`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  server.close();
  await once(server, 'close');
  return address.port;
}
