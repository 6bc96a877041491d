/** The functions' log: JSON lines, each with the execution's name, never with a cell of the file. */

import { Logger } from '@aws-lambda-powertools/logger';

/** Milliseconds between two lines that tell how far a chunk is. */
const PROGRESS_INTERVAL = 2_000;

const logger = new Logger();

/** What a log line may carry beside its message. */
type Fields = Readonly<Record<string, string | number | boolean | null>>;

export function logInfo(message: string, fields: Fields): void {
  logger.info(message, fields);
}

/** How a handler is called by Lambda. */
export interface LambdaContext {
  readonly getRemainingTimeInMillis: () => number;
}

/**
 * Makes a Lambda handler of a function: puts the execution's name on each of its log lines, and logs how it ended.
 */
export function lambdaHandler<Event extends { readonly execution: string }, Result>(
  run: (event: Event, context: LambdaContext) => Promise<Result>,
): (event: Event, context: LambdaContext) => Promise<Result> {
  return async (event, context) => {
    logger.resetKeys();
    logger.appendKeys({ execution: event.execution });
    const started = performance.now();
    try {
      const result = await run(event, context);
      logger.info('done', { milliseconds: Math.round(performance.now() - started) });
      return result;
    } catch (error) {
      if (error instanceof Error) logger.error('failed', error);
      throw error;
    }
  };
}

/** Logs how far a chunk is, at most every two seconds. */
export function progressLog(
  phase: 'validate' | 'load',
  start: number,
): (rows: number, bytes: number) => void {
  let next = performance.now() + PROGRESS_INTERVAL;
  return (rows, bytes) => {
    if (performance.now() < next) return;
    next = performance.now() + PROGRESS_INTERVAL;
    logInfo('progress', { phase, start, rows, bytes });
  };
}
