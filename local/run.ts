/** One file through the pipeline on this machine. */

import { basename, join } from 'node:path';
import { z } from 'zod';
import type { ExecutionResult } from './execution.ts';
import type { LocalStack } from './local-stack.ts';
import { download, findReport, firstRejected, type RejectedRow } from './rejected-rows.ts';

/** How a run ended: what `--json` prints. */
export type LocalResult = ExecutionResult & {
  /** The first 20. */
  readonly rejected: readonly RejectedRow[];
  /** Path of the whole report; null when no row was rejected. */
  readonly rejectedReport: string | null;
};

export interface RunOptions {
  /** A file for the table's items, as JSON Lines. */
  readonly items?: string | undefined;
  /** Is called with each result of a task. */
  readonly onResult?: (payload: unknown) => void;
}

/**
 * Uploads the file, executes the pipeline as S3's event starts it, and fetches what came of it.
 * @throws NotTriggeredError when the stack's rule does not match the file's name.
 */
export async function runFile(
  stack: LocalStack,
  file: string,
  options: RunOptions = {},
): Promise<LocalResult> {
  const input = await stack.upload(file, basename(file));
  const execution = readable(await stack.execute(input, options));
  const { s3 } = stack.endpoints;
  const { reportsBucket } = stack.synthesized;
  if (options.items !== undefined) await stack.writeItems(options.items);
  const key = await findReport(s3, reportsBucket, execution.name);
  if (key === undefined) return { ...execution, rejected: [], rejectedReport: null };
  const report = join('reports', execution.name, 'rejected.csv');
  await download(s3, reportsBucket, key, report);
  return { ...execution, rejected: await firstRejected(report), rejectedReport: report };
}

/** Lambda's report of an error reaches the Cause as JSON; a person wants its message. */
function readable(execution: ExecutionResult): ExecutionResult {
  if (execution.status === 'SUCCEEDED') return execution;
  try {
    const { errorMessage } = z.object({ errorMessage: z.string() }).parse(JSON.parse(execution.cause));
    return { ...execution, cause: errorMessage };
  } catch {
    return execution;
  }
}
