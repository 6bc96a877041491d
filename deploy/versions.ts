/** Deletes versions of functions that no execution can need any more. */

import {
  DeleteFunctionCommand,
  type LambdaClient,
  paginateListVersionsByFunction,
} from '@aws-sdk/client-lambda';
import { z } from 'zod';
import type { Environment } from '../environments/schema.ts';
import type { Resource } from './drift.ts';

const MINUTE = 60_000;

/** Days after its end in which an execution can be redriven; source: `RedriveExecution` in the Step Functions API. */
const REDRIVE_DAYS = 14;

/** Versions of one function that are deleted at once; the next deploy deletes more. */
const MAX_DELETIONS = 25;

const lambdaFunction = z.object({ function_name: z.string(), version: z.string() });

/**
 * Milliseconds for which a version is kept once the next one is published: an execution that started just before runs,
 * fails, is redriven at the last moment, and then has its whole time again.
 */
export function keptFor({ executionTimeoutMinutes }: Pick<Environment, 'executionTimeoutMinutes'>): number {
  return (REDRIVE_DAYS * 24 * 60 + 2 * executionTimeoutMinutes) * MINUTE;
}

/**
 * Deletes the versions of all functions that were replaced longer ago than that, at most {@link MAX_DELETIONS} of each,
 * the oldest first. A version counts as replaced since the next one was published.
 * @param resources of the deployed stack; a function's `version` is the one that the state machine invokes.
 * @param kept milliseconds for which a replaced version is kept.
 * @returns the number of deleted versions
 * @throws the SDK's error when versions cannot be listed or deleted.
 */
export async function pruneVersions(
  resources: readonly Resource[],
  kept: number,
  client: LambdaClient,
): Promise<number> {
  let deleted = 0;
  for (const { type, values } of resources) {
    if (type !== 'aws_lambda_function') continue;
    const { function_name: FunctionName, version } = lambdaFunction.parse(values);
    const versions = await publishedVersions(FunctionName, client);
    const old = versions.filter((each, index) => {
      const next = versions[index + 1];
      return each.number < Number(version) && next !== undefined && Date.now() - next.published > kept;
    });
    for (const { number } of old.slice(0, MAX_DELETIONS)) {
      await client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: String(number) }));
      deleted += 1;
    }
  }
  return deleted;
}

/** The published versions in ascending order, with the time at which each was published, in milliseconds since 1970. */
async function publishedVersions(FunctionName: string, client: LambdaClient) {
  const versions: { readonly number: number; readonly published: number }[] = [];
  for await (const { Versions = [] } of paginateListVersionsByFunction({ client }, { FunctionName })) {
    for (const { Version, LastModified = '' } of Versions) {
      if (Version === '$LATEST') continue;
      versions.push({ number: Number(Version), published: Date.parse(LastModified) });
    }
  }
  return versions.sort((left, right) => left.number - right.number);
}
