/**
 * An error for the person who started the program: its message says what happened and what to do, so it is printed
 * without a stack trace. Any other error is a bug.
 */
export abstract class UserError extends Error {}

/** The command did not run. */
export abstract class NotRunError extends UserError {}

/** The arguments, or a file that they name, have to be corrected. */
export class UsageError extends NotRunError {
  override readonly name = 'UsageError';
}

/** The rows of a report cannot be put back into the file. */
export class MergeError extends UserError {
  override readonly name = 'MergeError';
}

/** An endpoint that an `AWS_ENDPOINT_URL_…` variable sets for S3 or DynamoDB cannot be used. */
export class EndpointError extends NotRunError {
  override readonly name = 'EndpointError';
}

/** No rule of the stack starts the state machine for the uploaded object. */
export class NotTriggeredError extends NotRunError {
  override readonly name = 'NotTriggeredError';
}

/** The stack contains something that the local run cannot do as AWS does, and does not ignore. */
export class UnsupportedError extends NotRunError {
  override readonly name = 'UnsupportedError';
}
