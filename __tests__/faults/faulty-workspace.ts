import type { ChildProcess, ForkOptions, Serializable } from 'node:child_process';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { Workspace } from '../../local/workspace.ts';
import type { FaultyProxy } from './faulty-proxy.ts';

/** The signal that makes a function's process run out of memory. */
const HOG = 'SIGUSR2';

/** The part of an event that names its execution. */
const invocation = z.object({
  event: z
    .string()
    .transform((event): unknown => JSON.parse(event))
    .pipe(z.object({ execution: z.string() })),
});

/**
 * A workspace whose functions reach S3 and DynamoDB through a proxy, while everything else reaches them directly. Each
 * process identifies itself in its requests, so that the proxy can end the requesting process.
 */
export class FaultyWorkspace extends Workspace {
  readonly #proxy: FaultyProxy;
  readonly #environment: string;

  /** @param environment of the stack. */
  constructor(proxy: FaultyProxy, environment: string) {
    super();
    this.#proxy = proxy;
    this.#environment = environment;
  }

  override fork(module: string, args: readonly string[], options: ForkOptions): ChildProcess {
    if (module !== 'local/emulator/lambda-process.ts') return super.fork(module, args, options);
    const { execArgv = [], env = {}, cwd } = options;
    const { id, variables } = this.#proxy.admit({
      s3: env.AWS_ENDPOINT_URL_S3 ?? '',
      dynamodb: env.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    });
    const child = super.fork(module, args, {
      ...options,
      env: { ...env, ...variables },
      execArgv: [...execArgv, '--import', pathToFileURL(join(import.meta.dirname, 'hog.ts')).href],
    });
    const target = basename(String(cwd)).replace(`csv-pipeline-${this.#environment}-`, '');
    const kill = () => child.kill('SIGKILL');
    const exhaust = () => child.kill(HOG);
    const send = child.send.bind(child);
    child.send = (message: Serializable) => {
      const { data } = invocation.safeParse(message);
      if (data !== undefined) this.#proxy.follow(id, { target, ...data.event, kill, exhaust });
      return send(message);
    };
    child.once('exit', () => this.#proxy.forget(id));
    return child;
  }
}
