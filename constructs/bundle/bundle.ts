/** The Lambda functions' deployment packages. */

import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { FUNCTION_NAMES, type FunctionName } from '../../asl/pipeline.ts';
import { BUILD_SETTINGS, buildFunctions } from './build.ts';
import { cached } from './cache.ts';

export interface Bundle {
  readonly zip: Uint8Array;
  /** Base64, as Terraform's `source_code_hash` requires. */
  readonly sha256: string;
}

export type Bundles = Readonly<Record<FunctionName, Bundle>>;

const root = path.resolve(import.meta.dirname, '../..');

/** A bundle for each function. */
const bundles = z.record(
  z.enum(FUNCTION_NAMES),
  z.instanceof(Uint8Array).transform((zip): Bundle => {
    return { zip, sha256: createHash('sha256').update(zip).digest('base64') };
  }),
);

let bundled: Promise<Bundles> | undefined;

/**
 * Bundles the functions, or returns what an earlier build made from the same sources. A process does this once.
 * @throws esbuild's BuildFailure when a module does not exist or does not compile
 */
export function bundleFunctions(): Promise<Bundles> {
  bundled ??= cached(root, BUILD_SETTINGS, () => buildFunctions(root)).then((zips) => bundles.parse(zips));
  return bundled;
}
