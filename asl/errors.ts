/** How the pipeline's states retry and catch errors. */

import type { BusinessErrorName } from '../functions/core/errors.ts';
import type { Retrier } from './language/index.ts';

/**
 * The transient errors of AWS's documentation of the Lambda integration, and those that the functions themselves report.
 * Full jitter keeps the iterations of a Map from retrying at the same time.
 */
export const retryTransient = {
  ErrorEquals: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'ServiceUnavailableError',
  ],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
} as const satisfies Retrier;

/** Seconds between two retries of a throttled invocation, at most. */
const MAX_THROTTLED_DELAY = 60;

/**
 * An invocation that Lambda refused, because the account's or the function's concurrency is used up. Nothing has failed,
 * and nobody knows when it ends, so it is retried for as long as the execution may take, and does not count as one of
 * the retries of other errors. With full jitter, the delays average half of their maximum. The attempts last for one and
 * a half times the timeout on average, and ten more make up for the first delays, which are shorter.
 * @param executionTimeoutSeconds timeout of an execution
 */
export function retryThrottled(executionTimeoutSeconds: number) {
  return {
    ErrorEquals: ['Lambda.TooManyRequestsException'],
    IntervalSeconds: 2,
    MaxAttempts: 10 + Math.ceil((1.5 * executionTimeoutSeconds) / (MAX_THROTTLED_DELAY / 2)),
    BackoffRate: 2,
    MaxDelaySeconds: MAX_THROTTLED_DELAY,
    JitterStrategy: 'FULL',
  } as const satisfies Retrier;
}

/**
 * A function that was killed for its time or memory, or lost with its machine. That may recur, so there are only two
 * retries. A retry resumes where the last successful invocation stopped.
 */
export const retryCrash = {
  ErrorEquals: [
    'Lambda.Unknown',
    'Sandbox.Timedout',
    'Runtime.ExitError',
    'Runtime.OutOfMemory',
    'States.Timeout',
  ],
  IntervalSeconds: 5,
  MaxAttempts: 2,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
} as const satisfies Retrier;

/** For putting an event, whose failure changes nothing: a few seconds, and no longer. */
export const retryTelling = {
  ErrorEquals: ['States.TaskFailed'],
  IntervalSeconds: 1,
  MaxAttempts: 3,
  BackoffRate: 2,
  MaxDelaySeconds: 10,
  JitterStrategy: 'FULL',
} as const satisfies Retrier;

/**
 * For errors that the same file would cause again, because of what is in it. The error replaces the input, which may be
 * anything, and whose rest is not needed any more.
 */
export function rejecting<const Errors extends readonly string[]>(errors: Errors) {
  return { ErrorEquals: errors, Next: 'TellRejected' } as const;
}

/** For other permanent errors. The error replaces the input, as in {@link rejecting}. */
export function failing<const Errors extends readonly string[]>(errors: Errors) {
  return { ErrorEquals: errors, Next: 'TellFailed' } as const;
}

/** Passes a caught error on from a Fail state. */
export const asCaught = { ErrorPath: '$.Error', CausePath: '$.Cause' } as const;

/** Permanent errors of reading the file. */
export const SOURCE_ERRORS = ['SourceNotFoundError', 'SourceChangedError', 'ConfigurationError'] as const;

/** What is wrong with a file that cannot be planned. */
export const FILE_ERRORS = ['HeaderError', 'NotCsvError', 'DecompressionError'] as const;

/** The errors after which the state machine puts an event: all that {@link rejecting} and {@link failing} catch. */
export const TOLD_ERRORS = [
  ...FILE_ERRORS,
  ...SOURCE_ERRORS,
  ...(['PlanError', 'RowCountError', 'ValidationError', 'RemovalGuardError'] as const),
  ...(['IndexMissingError', 'IncompleteLoadError'] as const),
] as const satisfies readonly BusinessErrorName[];

/** The object was uploaded again, or its load was started again, so another execution has claimed it. */
export const superseded = {
  ErrorEquals: ['SupersededError'],
  ResultPath: '$.error',
  Next: 'Superseded',
} as const;
