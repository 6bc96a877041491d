/**
 * Every error that the pipeline's functions throw on purpose. The state machine's `Retry` and `Catch` fields name them
 * through {@link BusinessErrorName} and {@link TransientErrorName}, so a misspelt name does not compile.
 *
 * Each class sets `name` to a literal: the Lambda runtime reports `error.name` as the `errorType`, and a minifier
 * renames classes. No message contains a cell of a user's file, because messages end up in the execution's history.
 */

/** The execution's input is neither the object of an S3 event nor `{"bucket", "key"}`, or names another bucket. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/** The object, or its requested version, does not exist or may not be read. */
export class SourceNotFoundError extends Error {
  override readonly name = 'SourceNotFoundError';
}

/** The object has changed since FetchCsv pinned it. */
export class SourceChangedError extends Error {
  override readonly name = 'SourceChangedError';
}

/** The file cannot be decompressed: it is damaged, too large, not one file, or takes longer than a function may run. */
export class DecompressionError extends Error {
  override readonly name = 'DecompressionError';
}

/** The file is not CSV: its first bytes are those of another kind, or it has no line break for too long. */
export class NotCsvError extends Error {
  override readonly name = 'NotCsvError';
}

/** The file has no usable header: it is empty, or a column is missing, duplicated or misspelt. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

/** The chunks of an exact plan do not fit together: a bug in the pipeline itself. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** More rows were rejected than the dataset tolerates. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
}

/** The file has fewer or more rows than its dataset expects, or more than its environment allows. */
export class RowCountError extends Error {
  override readonly name = 'RowCountError';
}

/** DynamoDB did not accept a single row of a chunk before the function's time ran out. */
export class LoadTimeoutError extends Error {
  override readonly name = 'LoadTimeoutError';
}

/** The object was uploaded again, or its load was started again, so this execution is no longer needed. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** A row that was read is in none of the counts, or in two; or not all keys that were to be removed are. */
export class IncompleteLoadError extends Error {
  override readonly name = 'IncompleteLoadError';
}

/** An object of the index that a feed's load is compared with is missing. */
export class IndexMissingError extends Error {
  override readonly name = 'IndexMissingError';
}

/** The load would remove more of its feed's keys than its dataset allows, or all of them. */
export class RemovalGuardError extends Error {
  override readonly name = 'RemovalGuardError';
}

/** An AWS service did not answer, throttled the call or failed; the same call may succeed later. */
export class ServiceUnavailableError extends Error {
  override readonly name = 'ServiceUnavailableError';
}

/** A function's settings, an environment or a dataset is invalid: an error in the configuration. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Errors that the same call would throw again: never retried. */
export type BusinessErrorName = (
  | InvalidInputError
  | SourceNotFoundError
  | SourceChangedError
  | DecompressionError
  | NotCsvError
  | HeaderError
  | PlanError
  | ValidationError
  | RowCountError
  | LoadTimeoutError
  | SupersededError
  | IncompleteLoadError
  | IndexMissingError
  | RemovalGuardError
  | ConfigurationError
)['name'];

/** Errors that may not recur: retried by the state machine. */
export type TransientErrorName = ServiceUnavailableError['name'];
