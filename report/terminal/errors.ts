/**
 * An error for the person who started the program: its message says what happened and what to do, so it is printed without
 * a stack. Any other error is a bug.
 */
export abstract class UserError extends Error {}

/** What was asked for was not started. */
export abstract class NotRunError extends UserError {}

/** Whoever called the program has to put something right. */
export class UsageError extends NotRunError {
  override readonly name = 'UsageError';
}

/** An endpoint that was named for S3 or DynamoDB cannot be used. */
export class EndpointError extends NotRunError {
  override readonly name = 'EndpointError';
}

/** An object came into the source bucket, and no rule of the stack starts the state machine for it. */
export class NotTriggeredError extends NotRunError {
  override readonly name = 'NotTriggeredError';
}

/** The stack has something in it that the local run cannot do like AWS, and does not pass over. */
export class UnsupportedError extends NotRunError {
  override readonly name = 'UnsupportedError';
}
