/** How the pipeline's states retry errors and catch them. */

import type { Retrier } from './language/index.ts';

/**
 * The errors that AWS's documentation of the Lambda integration names as transient, throttling, and what the
 * functions themselves report as such. Full jitter keeps the iterations of a Map from retrying in step.
 */
export const retryTransient = {
  ErrorEquals: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'ServiceUnavailableError',
  ],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
} as const satisfies Retrier;

/**
 * A function that was killed, for its time or its memory, or lost with the machine that it ran on: it may be so again,
 * so it is tried twice more and no longer. It starts where the invocation before it got to.
 */
export const retryCrash = {
  ErrorEquals: ['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError', 'States.Timeout'],
  IntervalSeconds: 5,
  MaxAttempts: 2,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
} as const satisfies Retrier;

/** Keeps the error beside the state's input and goes on, mostly to a Fail state. */
export function caught<const Errors extends readonly string[], const Next extends string>(
  errors: Errors,
  next: Next,
) {
  return { ErrorEquals: errors, ResultPath: '$.error', Next: next } as const;
}

/** The error that was caught, as a Fail state gives it on. */
export const asCaught = { ErrorPath: '$.error.Error', CausePath: '$.error.Cause' } as const;

/** What reading the file may raise that will never succeed. */
export const SOURCE_ERRORS = ['SourceNotFoundError', 'SourceChangedError', 'ConfigurationError'] as const;

/** What cutting the file may raise that will never succeed. */
export const FETCH_ERRORS = [...SOURCE_ERRORS, 'HeaderError', 'NotCsvError', 'DecompressionError'] as const;

/** A newer upload of the object, or a newer start of its load, has taken this execution's place. */
export const superseded = caught(['SupersededError'], 'Superseded');
