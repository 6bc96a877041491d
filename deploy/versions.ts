/** Deletes versions of functions that no execution can need any more. */

import {
  DeleteFunctionCommand,
  type LambdaClient,
  paginateListVersionsByFunction,
} from '@aws-sdk/client-lambda';
import { z } from 'zod';
import type { Resource } from './drift.ts';

/** Milliseconds in a day. */
const DAY = 86_400_000;

/** Versions of one function that are deleted at once; the next deploy deletes more. */
const MAX_DELETIONS = 25;

const lambdaFunction = z.object({ function_name: z.string(), version: z.string() });

/**
 * Deletes the versions of all functions that were replaced longer ago than that, at most {@link MAX_DELETIONS} of each,
 * the oldest first. A version counts as replaced since the next one was published.
 * @param resources of the deployed stack; a function's `version` is the one that the state machine invokes.
 * @param keptDays days for which a replaced version is kept.
 * @returns the number of deleted versions
 * @throws the SDK's error when versions cannot be listed or deleted.
 */
export async function pruneVersions(
  resources: readonly Resource[],
  keptDays: number,
  client: LambdaClient,
): Promise<number> {
  let deleted = 0;
  for (const { type, values } of resources) {
    if (type !== 'aws_lambda_function') continue;
    const { function_name: FunctionName, version } = lambdaFunction.parse(values);
    const versions = await publishedVersions(FunctionName, client);
    const old = versions.filter((each, index) => {
      const next = versions[index + 1];
      return (
        each.number < Number(version) && next !== undefined && Date.now() - next.published > keptDays * DAY
      );
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
