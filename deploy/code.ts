/** Uploads the code of functions again whose code was replaced by hand. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type LambdaClient,
  UpdateFunctionCodeCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { z } from 'zod';
import { type Plan, replacedCode } from './drift.ts';

/** Seconds in which Lambda must have taken over the code. */
const UPDATE_TIMEOUT = 300;

const lambdaFunction = z.object({ function_name: z.string(), filename: z.string() });

/**
 * Uploads the code that the functions should have. Terraform could only replace such a function, which would delete the
 * versions that running executions use. This must precede Terraform, which would publish the code that it finds.
 * @param folder of the stack, which contains the zips
 * @throws the SDK's error when a function cannot be updated.
 */
export async function restoreCode(plan: Plan, folder: string, client: LambdaClient): Promise<void> {
  const replaced = replacedCode(plan).map(({ resource }) => resource);
  for (const { address, values } of plan.planned_values?.root_module.resources ?? []) {
    if (!replaced.includes(address)) continue;
    const { function_name: FunctionName, filename } = lambdaFunction.parse(values);
    const ZipFile = await readFile(path.join(folder, filename));
    await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    await waitUntilFunctionUpdatedV2({ client, maxWaitTime: UPDATE_TIMEOUT }, { FunctionName });
  }
}

/** Says which functions {@link restoreCode} updates; empty if there are none. */
export function restorationNote(plan: Plan): string {
  return replacedCode(plan)
    .map(({ resource }) => `The code of ${resource} was replaced by hand. It is uploaded again.\n`)
    .join('');
}
