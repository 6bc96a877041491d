/** The functions' log: JSON lines with the execution's name, and never a cell of the file. */

import { Logger } from '@aws-lambda-powertools/logger';

/** Milliseconds between two progress lines of a chunk. */
const PROGRESS_INTERVAL = 2_000;

const logger = new Logger();

/** What a log line may contain besides its message. */
type Fields = Readonly<Record<string, string | number | boolean | null>>;

export function logInfo(message: string, fields: Fields): void {
  logger.info(message, fields);
}

/** The part of Lambda's context that handlers use. */
export interface LambdaContext {
  readonly getRemainingTimeInMillis: () => number;
}

/**
 * Turns a function into a Lambda handler that adds the execution's name to each log line, and logs how long the
 * function took or why it failed.
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

/** Logs the progress on a chunk, at most every two seconds. */
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
