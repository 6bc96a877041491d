/**
 * What a function needs, declared once. Its environment variables and IAM statements in `constructs/` follow from it.
 */

import type * as z from 'zod/mini';
import type { BusinessErrorName } from '../errors.ts';

/** Settings by name, each with the schema of its value. */
export type SettingSchemas = Readonly<Record<string, z.ZodMiniType>>;

/** What a function may do besides logging and tracing. `constructs/capabilities.ts` has the IAM statements. */
export type Capability =
  | 'readSource'
  | 'readWork'
  | 'listWork'
  | 'writeWork'
  /** As a multipart upload, for objects of any size. */
  | 'uploadWork'
  | 'deleteWork'
  | 'readIndexes'
  | 'writeIndexes'
  | 'deleteIndexes'
  | 'updateReports'
  | 'uploadReports'
  | 'identifyTables'
  | 'writeTables'
  | 'removeItems'
  | 'renewLease'
  /** Also reads the ledger, to claim an upload or to check whether another execution has claimed it. */
  | 'claimUpload';

export interface Manifest {
  /** Settings whose values the stack determines. */
  readonly settings: SettingSchemas;
  /** Settings that each environment chooses, under the same name. */
  readonly environment?: SettingSchemas;
  readonly capabilities: readonly Capability[];
  /** Errors that it throws besides those that any function may throw. */
  readonly throws: readonly BusinessErrorName[];
}

type ValuesOf<Schemas extends SettingSchemas> = [keyof Schemas] extends [never]
  ? Record<never, never>
  : Readonly<z.output<z.ZodMiniObject<Schemas>>>;

/** The settings that environments choose for a function. */
export type EnvironmentOf<M extends Manifest> = M extends {
  readonly environment: infer Schemas extends SettingSchemas;
}
  ? ValuesOf<Schemas>
  : Record<never, never>;

/** The settings of a function. */
export type SettingsOf<M extends Manifest> = ValuesOf<M['settings']> & EnvironmentOf<M>;
