/** One file through the pipeline on this machine. */

import { basename, join } from 'node:path';
import { runRecord } from '../report/record/assemble.ts';
import { causeMessage, errorRecord } from '../report/record/bounded.ts';
import { rejectedRecords } from '../report/record/rejected-file.ts';
import { MAX_REJECTED_ROWS, type RejectedRecord, type RunRecord } from '../report/record/run-record.ts';
import { RunRecorder } from '../report/record/run-recorder.ts';
import { download, findReport, MAX_SHOWN_ROWS, type RejectedRow } from '../report/rejected-rows.ts';
import type { LocalStack } from './local-stack.ts';
import type { ExecutionResult } from './machine/execution.ts';

/** How a run ended: what `--json` prints. */
export type LocalResult = ExecutionResult & {
  /** The first 20. */
  readonly rejected: readonly RejectedRow[];
  /** Path of all rejected rows, with more files beside it if they are very many; null when there are none. */
  readonly rejectedReport: string | null;
  /** Path of the report's counts; null when the execution ended before there were any. */
  readonly report: string | null;
  /** Path of the page that shows the run; null when none was asked for. */
  readonly page: string | null;
};

export interface RunOptions {
  /** Name of the dataset that the file belongs to; the one without a prefix if left out. */
  readonly dataset?: string | undefined;
  /** A file for the table's items, as JSON Lines. */
  readonly items?: string | undefined;
  /** Where the report of rejected rows is put, and the page, in a folder of the execution's name. */
  readonly reports?: string;
  /** Writes the page that shows the run. */
  readonly writePage?: (run: RunRecord, file: string) => Promise<void>;
  /** Is called before the execution starts, with what will know how far it is. */
  readonly onStart?: (recorder: RunRecorder) => void;
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
  const { reports = 'reports', writePage } = options;
  const dataset = stack.dataset(options.dataset);
  const key = `${dataset.prefix}${basename(file)}`;
  const input = await stack.upload(file, key);
  const since = Date.now();
  const recorder = new RunRecorder(stack.graph, since);
  const unlisten = stack.onLogLine((line) => recorder.logLine(Date.now(), line));
  options.onStart?.(recorder);
  const execution = readable(await stack.execute(input, { ...options, recorder }));
  unlisten();
  const until = Date.now();
  const { s3 } = stack.endpoints;
  const { reportsBucket, functions } = stack.synthesized;
  if (options.items !== undefined) await stack.writeItems(dataset, options.items);
  const folder = join(reports, execution.name);
  const paths = new Map<string, string>();
  for (const reportKey of await findReport(stack.endpoints, reportsBucket, key, execution.name)) {
    const path = join(folder, basename(reportKey));
    await download(s3, reportsBucket, reportKey, path);
    paths.set(basename(reportKey), path);
  }
  const rejectedReport = paths.get('rejected.csv') ?? null;
  const rows =
    rejectedReport === null
      ? []
      : await rejectedRecords(rejectedReport, writePage === undefined ? MAX_SHOWN_ROWS : MAX_REJECTED_ROWS);
  const page = writePage === undefined ? null : join(folder, 'report.html');
  if (page !== null) {
    const frame = {
      name: execution.name,
      place: 'local' as const,
      since,
      until,
      input: JSON.stringify(input),
      rejected: { rows },
      ...ending(execution),
    };
    const memoryMb = Math.max(...functions.map((each) => each.memoryMb));
    await writePage?.(runRecord(stack.graph, recorder, frame, memoryMb), page);
  }
  return {
    ...execution,
    rejected: rows.slice(0, MAX_SHOWN_ROWS).map(withoutCells),
    rejectedReport,
    report: paths.get('report.json') ?? null,
    page,
  };
}

function withoutCells({ row: _, ...rejected }: RejectedRecord): RejectedRow {
  return rejected;
}

/** How a run that is over ended. */
function ending(
  execution: ExecutionResult,
): Pick<RunRecord, 'status' | 'error'> & { output: string | undefined } {
  if (execution.status === 'SUCCEEDED') {
    return { status: 'SUCCEEDED', output: JSON.stringify(execution.output) };
  }
  const { error, cause } = execution;
  return { status: 'FAILED', error: errorRecord(error, cause), output: undefined };
}

/** Lambda's report of an error reaches the Cause as JSON; a person wants its message. */
function readable(execution: ExecutionResult): ExecutionResult {
  if (execution.status === 'SUCCEEDED') return execution;
  return { ...execution, cause: causeMessage(execution.cause) };
}
