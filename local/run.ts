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
  /** Where the report of rejected rows is put, in a folder of the execution's name. */
  readonly reports?: string;
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
  const key = await findReport(stack.endpoints, reportsBucket, execution.name);
  if (key === undefined) return { ...execution, rejected: [], rejectedReport: null };
  const report = join(options.reports ?? 'reports', execution.name, 'rejected.csv');
  await download(s3, reportsBucket, key, report);
  return { ...execution, rejected: await firstRejected(report), rejectedReport: report };
}

/** Lambda's report of an error reaches the Cause as JSON; a person wants its message. */
function readable(execution: ExecutionResult): ExecutionResult {
  const states = execution.states.map((state) =>
    state.cause === undefined ? state : { ...state, cause: readableCause(state.cause) },
  );
  return execution.status === 'SUCCEEDED'
    ? { ...execution, states }
    : { ...execution, states, cause: readableCause(execution.cause) };
}

function readableCause(cause: string): string {
  try {
    return z.object({ errorMessage: z.string() }).parse(JSON.parse(cause)).errorMessage;
  } catch {
    return cause;
  }
}
