/**
 * One execution environment of a Lambda function: loads the handler that `_HANDLER` names from `LAMBDA_TASK_ROOT`,
 * and calls it for each {@link Invocation} that its parent sends, one at a time.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  /** JSON. */
  readonly event: string;
  /** The function's timeout in milliseconds. */
  readonly timeout: number;
}

/** An error as the Lambda runtime reports it. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export type Message =
  /** The handler is loaded and is about to be called. */
  | { readonly type: 'called' }
  | { readonly type: 'memory'; readonly residentBytes: number }
  /** The result as JSON. */
  | { readonly type: 'result'; readonly payload: string }
  /** `ends`: the process exits because of this error. */
  | { readonly type: 'error'; readonly error: ReportedError; readonly ends: boolean };

type Handler = (event: unknown, context: object) => unknown;

/** Milliseconds between two reports of the memory in use. */
const MEMORY_INTERVAL = 100;

function send(message: Message, sent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, sent);
}

function sendMemory(): void {
  send({ type: 'memory', residentBytes: process.memoryUsage.rss() });
}

function reported(thrown: unknown): ReportedError {
  if (!(thrown instanceof Error)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  }
  return {
    errorType: thrown.name,
    errorMessage: thrown.message,
    trace: thrown.stack?.split('\n') ?? [],
  };
}

/** An error that the Lambda runtime itself raises. */
function runtimeError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name: `Runtime.${name}` });
}

/** Node.js caches the module, so only the first call does any work. */
function loadHandler(): Handler {
  const { _HANDLER: name = '', LAMBDA_TASK_ROOT: root = '' } = process.env;
  const [module = '', method = ''] = name.split('.');
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(root, module + extension))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) throw runtimeError('ImportModuleError', `Error: Cannot find module '${module}'`);
  const handler: unknown = createRequire(file)(file)[method];
  if (typeof handler !== 'function') {
    throw runtimeError('HandlerNotFound', `${name} is undefined or not exported`);
  }
  return (event, context) => handler(event, context);
}

function serialized(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch {
    throw runtimeError('MarshalError', 'Unable to stringify response body');
  }
}

async function invoke(invocation: Invocation): Promise<void> {
  try {
    const handler = loadHandler();
    send({ type: 'called' });
    const deadline = Date.now() + invocation.timeout;
    const result = await handler(JSON.parse(invocation.event), {
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
      invokedFunctionArn: invocation.functionArn,
      memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      awsRequestId: invocation.requestId,
      logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    });
    sendMemory();
    send({ type: 'result', payload: serialized(result) });
  } catch (error) {
    sendMemory();
    send({ type: 'error', error: reported(error), ends: false });
  }
}

if (import.meta.main) {
  const end = (error: ReportedError, code: number) =>
    send({ type: 'error', error, ends: true }, () => process.exit(code));
  // The exit codes of Lambda's own runtime.
  process.on('uncaughtException', (error) => end(reported(error), 129));
  process.on('unhandledRejection', (reason) =>
    end({ ...reported(reason), errorType: 'Runtime.UnhandledPromiseRejection' }, 128),
  );
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches every process of the terminal, but the parent decides when this one ends.
  process.on('SIGINT', () => undefined);
  process.on('message', (invocation: Invocation) => void invoke(invocation));
  setInterval(sendMemory, MEMORY_INTERVAL).unref();
}
