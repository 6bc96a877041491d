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
  /** Path of all rejected rows, with more files beside it if they are very many; null when there are none. */
  readonly rejectedReport: string | null;
  /** Path of the report's counts; null when the execution ended before there were any. */
  readonly report: string | null;
};

export interface RunOptions {
  /** Name of the dataset that the file belongs to; the one without a prefix if left out. */
  readonly dataset?: string | undefined;
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
  const dataset = stack.dataset(options.dataset);
  const key = `${dataset.prefix}${basename(file)}`;
  const input = await stack.upload(file, key);
  const execution = readable(await stack.execute(input, options));
  const { s3 } = stack.endpoints;
  const { reportsBucket } = stack.synthesized;
  if (options.items !== undefined) await stack.writeItems(dataset, options.items);
  const paths = new Map<string, string>();
  for (const reportKey of await findReport(stack.endpoints, reportsBucket, key, execution.name)) {
    const path = join(options.reports ?? 'reports', execution.name, basename(reportKey));
    await download(s3, reportsBucket, reportKey, path);
    paths.set(basename(reportKey), path);
  }
  const rejectedReport = paths.get('rejected.csv') ?? null;
  return {
    ...execution,
    rejected: rejectedReport === null ? [] : await firstRejected(rejectedReport),
    rejectedReport,
    report: paths.get('report.json') ?? null,
  };
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
