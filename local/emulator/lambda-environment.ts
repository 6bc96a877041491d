import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { LambdaFunction } from '../stack/synthesized.ts';
import type { Workspace } from '../workspace.ts';
import type { Invocation, Message, ReportedError } from './lambda-process.ts';

/** The number of lines of a process's log that are kept. */
const KEPT_LINES = 20;

/** The number of characters of a log line that are kept. */
const KEPT_CHARACTERS = 2_000;

/** The largest response in bytes: 6 MB in "Lambda quotas", and exactly this number in the service's own error. */
const MAX_RESPONSE_BYTES = 6_291_556;

/** A failed invocation. The message is Lambda's report as JSON, which Step Functions uses as the Cause. */
export class LambdaError extends Error {
  override readonly name: string;
  /** The last lines of the process's log; empty if the process is still alive. */
  readonly log: readonly string[];

  constructor(error: ReportedError | Omit<ReportedError, 'trace'>, log: readonly string[] = []) {
    super(JSON.stringify(error));
    this.name = error.errorType;
    this.log = log;
  }
}

export interface EnvironmentOptions {
  readonly fn: LambdaFunction;
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly onLogLine: (line: string) => void;
}

/** An execution environment: a process that runs one function, one invocation at a time. */
export class LambdaEnvironment {
  readonly #fn: LambdaFunction;
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  /** Why this process was killed, in Lambda's own words. */
  #killed: Omit<ReportedError, 'trace'> | undefined;

  constructor(workspace: Workspace, { fn, directory, variables, onLogLine }: EnvironmentOptions) {
    this.#fn = fn;
    this.#child = workspace.fork('local/emulator/lambda-process.ts', [], {
      cwd: directory,
      env: { ...fn.variables, ...variables },
      // Lambda's own runtime gives the heap the same share of the memory.
      execArgv: [`--max-old-space-size=${Math.floor(fn.memoryMb * 0.9)}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      eachLine(stream, (line) => {
        this.#log.push(line.slice(0, KEPT_CHARACTERS));
        if (this.#log.length > KEPT_LINES) this.#log.shift();
        onLogLine(line);
      });
    }
  }

  /** Whether it can run another invocation. */
  get alive(): boolean {
    return this.#killed === undefined && this.#child.connected && this.#child.exitCode === null;
  }

  /**
   * Runs one invocation.
   * @param event JSON
   * @param signal kills the process when it aborts
   * @returns the result as JSON
   * @throws LambdaError when the function fails or its process ends.
   */
  async invoke(event: string, signal: AbortSignal): Promise<string> {
    const requestId = randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const kill = (errorType: string, message: string) => {
      this.#killed ??= { errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` };
      this.#child.kill('SIGKILL');
    };
    const { timeoutSeconds, memoryMb } = this.#fn;
    const timeOut = () =>
      kill('Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
    let timer = setTimeout(timeOut, timeoutSeconds * 1_000);
    const onMessage = (message: Message) => {
      if (message.type === 'called') {
        // The time to load the code does not count.
        clearTimeout(timer);
        timer = setTimeout(timeOut, timeoutSeconds * 1_000);
      } else if (message.type === 'memory') {
        if (message.residentBytes > memoryMb * 1024 * 1024) {
          kill('Runtime.ExitError', 'Runtime exited with error: signal: killed');
        }
      } else if (this.#killed !== undefined) {
        // A response that was sent while the process was being killed no longer counts.
      } else if (message.type === 'result') {
        resolve(message.payload);
      } else {
        if (message.ends) this.#killed = message.error;
        reject(new LambdaError(message.error, message.ends ? [...this.#log] : []));
      }
    };
    // Unlike 'exit', 'close' is emitted after the log has been read to its end.
    const onClose = (code: number | null, exitSignal: NodeJS.Signals | null) => {
      const how =
        exitSignal === null ? `exit status ${code}` : `signal: ${SIGNAL_NAMES[exitSignal] ?? exitSignal}`;
      const exited = {
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
      };
      reject(new LambdaError(this.#killed ?? exited, [...this.#log]));
    };
    const onAbort = () => kill('States.Aborted', 'the execution is over');
    this.#child.on('message', onMessage).once('close', onClose).once('error', reject);
    signal.addEventListener('abort', onAbort);
    try {
      const invocation: Invocation = {
        requestId,
        functionArn: this.#fn.arn,
        event,
        timeout: timeoutSeconds * 1_000,
      };
      this.#child.send(invocation);
      const payload = await promise;
      if (Buffer.byteLength(payload) <= MAX_RESPONSE_BYTES) return payload;
      throw new LambdaError({
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      this.#child.off('message', onMessage).off('close', onClose).off('error', reject);
    }
  }
}

/** Splits a log into lines where CloudWatch does. `node:readline` would also split at U+2028. */
function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

/** Signals as Lambda's messages name them. */
const SIGNAL_NAMES: Partial<Record<NodeJS.Signals, string>> = { SIGKILL: 'killed', SIGABRT: 'aborted' };
