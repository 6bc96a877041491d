/**
 * What the functions take, give and throw, as the compiler holds the state machine against it. Events and results are
 * those of the handlers themselves; imported as types alone, they bring no code with them.
 */

import type { handler as beginLoad } from '../functions/begin-load/index.ts';
import type { BusinessErrorName, TransientErrorName } from '../functions/core/errors.ts';
import type { handler as fetchCsv } from '../functions/fetch-csv/index.ts';
import type { handler as findDuplicates } from '../functions/find-duplicates/index.ts';
import type { handler as judgeCsv } from '../functions/judge-csv/index.ts';
import type { handler as loadToDynamoDB } from '../functions/load-to-dynamodb/index.ts';
import type { handler as reconcileLoad } from '../functions/reconcile-load/index.ts';
import type { handler as reportRejects } from '../functions/report-rejects/index.ts';
import type { handler as validateCsv } from '../functions/validate-csv/index.ts';
import type { Contract } from './language/index.ts';

/** Any function may find its settings wrong, its upload taken over, or a service out of reach. */
type Common = 'ConfigurationError' | 'InvalidInputError' | 'SupersededError' | TransientErrorName;

/** What reading the file may end with. */
type Reading = 'SourceNotFoundError' | 'SourceChangedError' | 'NotCsvError';

/** A function, with the errors that it throws beside the common ones. */
type Throws<Handler, Errors extends BusinessErrorName = never> = Contract<Handler, Common | Errors>;

/** The contracts, by the name of the function's folder. */
export interface Contracts {
  readonly 'fetch-csv': Throws<typeof fetchCsv, Reading | 'HeaderError' | 'DecompressionError'>;
  readonly 'validate-csv': Throws<typeof validateCsv, Reading>;
  readonly 'judge-csv': Throws<typeof judgeCsv, Reading | 'HeaderError' | 'PlanError'>;
  readonly 'find-duplicates': Throws<typeof findDuplicates>;
  readonly 'report-rejects': Throws<typeof reportRejects, Reading | 'HeaderError' | 'ValidationError'>;
  readonly 'begin-load': Throws<typeof beginLoad>;
  readonly 'load-to-dynamodb': Throws<typeof loadToDynamoDB, Reading | 'LoadTimeoutError'>;
  readonly 'reconcile-load': Throws<typeof reconcileLoad, 'IncompleteLoadError'>;
}

export type FunctionName = keyof Contracts;

/** What an execution is started with: an object of any kind, until FetchCsv has refused what it does not know. */
export type PipelineInput = Readonly<Record<string, unknown>>;
