/**
 * Every error that a function of the pipeline throws on purpose. The state machine names them in its
 * `Retry` and `Catch` fields through {@link BusinessErrorName} and {@link TransientErrorName}, so a name that is
 * misspelt there does not compile.
 *
 * Each class sets `name` to a literal: the Lambda runtime reports `error.name` as the `errorType`, and a minifier
 * renames classes. No message carries a cell of a user's file, since it ends in the execution's history.
 */

/** The execution's input is neither an S3 event's detail nor `{"bucket", "key"}`, or names a foreign bucket. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/** The object, or the version of it that was asked for, does not exist or may not be read. */
export class SourceNotFoundError extends Error {
  override readonly name = 'SourceNotFoundError';
}

/** The object is no longer the one that FetchCsv pinned. */
export class SourceChangedError extends Error {
  override readonly name = 'SourceChangedError';
}

/** A packed file cannot be unpacked: it is damaged, larger than is allowed, or takes longer than a function may. */
export class DecompressionError extends Error {
  override readonly name = 'DecompressionError';
}

/** The file goes on for long without a line break: it is something else than CSV. */
export class NotCsvError extends Error {
  override readonly name = 'NotCsvError';
}

/** The file has no usable header: it is empty, or a column is missing, doubled or misspelt. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

/** The chunks of an exact plan do not fit together: an error of the pipeline itself. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** More rows were rejected than the dataset tolerates. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
}

/** DynamoDB did not take a single row of a chunk before the function's time ran out. */
export class LoadTimeoutError extends Error {
  override readonly name = 'LoadTimeoutError';
}

/** The object was uploaded, or its load started, again: what is under way is no longer wanted. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** `read = loaded + rejected + duplicates` does not hold. */
export class IncompleteLoadError extends Error {
  override readonly name = 'IncompleteLoadError';
}

/** An AWS service did not answer, throttled or failed on its side; the same call may succeed later. */
export class ServiceUnavailableError extends Error {
  override readonly name = 'ServiceUnavailableError';
}

/** A function's settings, an environment or a dataset is invalid: an error in the configuration. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Errors that the same call would raise again: never retried. */
export type BusinessErrorName = (
  | InvalidInputError
  | SourceNotFoundError
  | SourceChangedError
  | DecompressionError
  | NotCsvError
  | HeaderError
  | PlanError
  | ValidationError
  | LoadTimeoutError
  | SupersededError
  | IncompleteLoadError
  | ConfigurationError
)['name'];

/** Errors that may not come again: retried by the state machine. */
export type TransientErrorName = ServiceUnavailableError['name'];
