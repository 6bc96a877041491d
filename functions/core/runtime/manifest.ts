/** What a function needs, declared once: its settings and IAM statements in `constructs/` follow from it. */

import type * as z from 'zod/mini';
import type { BusinessErrorName } from '../errors.ts';

/** Settings by name, each with the schema of its value. */
export type SettingSchemas = Readonly<Record<string, z.ZodMiniType>>;

/** What a function may do, beyond logging and tracing; `constructs/capabilities.ts` has the IAM statements of each. */
export type Capability =
  | 'readSource'
  | 'readWork'
  | 'listWork'
  | 'writeWork'
  /** In several parts, for objects of any size. */
  | 'uploadWork'
  | 'deleteWork'
  | 'updateReports'
  | 'uploadReports'
  | 'writeTables'
  | 'renewLease'
  /** Reads the ledger as well: to claim an upload, or to see whether it was claimed by another execution. */
  | 'claimUpload';

export interface Manifest {
  /** Settings whose values follow from the stack. */
  readonly settings: SettingSchemas;
  /** Settings that each environment chooses, under the same name. */
  readonly environment?: SettingSchemas;
  readonly capabilities: readonly Capability[];
  /** Errors that it throws, beyond those that any function may throw. */
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
