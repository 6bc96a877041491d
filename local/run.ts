/** Runs one file through the pipeline on this machine. */

import { basename, join } from 'node:path';
import { runRecord } from '../report/record/assemble.ts';
import { causeMessage, errorRecord } from '../report/record/bounded.ts';
import { rejectedRecords } from '../report/record/rejected-file.ts';
import { MAX_REJECTED_ROWS, type RunRecord } from '../report/record/run-record.ts';
import { RunRecorder } from '../report/record/run-recorder.ts';
import { download, findReport, MAX_SHOWN_ROWS, type RejectedRow } from '../report/rejected-rows.ts';
import type { ExecutionInput, LocalStack } from './local-stack.ts';
import type { ExecutionResult, PutEvent } from './machine/execution.ts';

/** The outcome of a run, as `--json` prints it. */
export type LocalResult = ExecutionResult & {
  /** The first 20 rejected rows. */
  readonly rejected: readonly RejectedRow[];
  /** The path of the file with all rejected rows, or the first of several files; null if there are none. */
  readonly rejectedReport: string | null;
  /** The path of the file that lists what the load has changed, or the first of several files; null if there is none. */
  readonly changesReport: string | null;
  /** The path of the file with the report's counts; null if the execution ended before there were any. */
  readonly report: string | null;
  /** The path of the page that shows the run; null if none was requested. */
  readonly page: string | null;
  /** The path of the folder that keeps S3 and DynamoDB; null if none does. */
  readonly state: string | null;
};

export interface RunOptions {
  /** The name of the file's dataset; by default the one without a prefix. */
  readonly dataset?: string | undefined;
  /** The path of a file to write the table's items to, as JSON Lines. */
  readonly items?: string | undefined;
  /** The folder for the report of rejected rows and the page. They go into a subfolder with the execution's name. */
  readonly reports?: string;
  /** Writes the page that shows the run. */
  readonly writePage?: (run: RunRecord, file: string) => Promise<void>;
  /** Called before the execution starts, with the recorder that follows its progress. */
  readonly onStart?: (recorder: RunRecorder) => void;
  /** Called with the result of each function. */
  readonly onResult?: (payload: unknown) => void;
  /** Called with each event that the state machine puts on the default bus. */
  readonly onEvent?: (entry: PutEvent) => void;
}

/**
 * Uploads the file, runs the execution that the event of S3 would start, and downloads the reports.
 * @throws NotTriggeredError when the stack's rule does not match the file's name.
 */
export async function runFile(
  stack: LocalStack,
  file: string,
  options: RunOptions = {},
): Promise<LocalResult> {
  const key = `${stack.dataset(options.dataset).prefix}${basename(file)}`;
  return runInput(stack, key, await stack.upload(file, key), options);
}

/**
 * Runs an execution, and downloads the reports.
 * @param key of the object that it loads.
 * @param input what a person types for `start-execution`, or what {@link LocalStack.upload} returns.
 */
export async function runInput(
  stack: LocalStack,
  key: string,
  input: ExecutionInput,
  options: RunOptions = {},
): Promise<LocalResult> {
  const { reports = 'reports', writePage } = options;
  const since = Date.now();
  const recorder = new RunRecorder(stack.graph, since);
  const unlisten = stack.onLogLine((line) => recorder.logLine(Date.now(), line));
  options.onStart?.(recorder);
  const execution = readable(await stack.execute(input, { ...options, recorder }));
  unlisten();
  const until = Date.now();
  const { s3 } = stack.endpoints;
  const { reportsBucket, functions } = stack.synthesized;
  if (options.items !== undefined) await stack.writeItems(stack.dataset(options.dataset), options.items);
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
    rejected: rows.slice(0, MAX_SHOWN_ROWS).map(({ row: _, ...rejected }) => rejected),
    rejectedReport,
    changesReport: paths.get('changes.csv') ?? null,
    report: paths.get('report.json') ?? null,
    page,
    state: stack.state ?? null,
  };
}

/** The part of a run's record that says how the execution ended. */
function ending(
  execution: ExecutionResult,
): Pick<RunRecord, 'status' | 'error'> & { output: string | undefined } {
  if (execution.status === 'SUCCEEDED') {
    return { status: 'SUCCEEDED', output: JSON.stringify(execution.output) };
  }
  const { error, cause } = execution;
  return { status: 'FAILED', error: errorRecord(error, cause), output: undefined };
}

/** The Cause of a function's error is Lambda's report as JSON; a person wants only its message. */
function readable(execution: ExecutionResult): ExecutionResult {
  if (execution.status === 'SUCCEEDED') return execution;
  return { ...execution, cause: causeMessage(execution.cause) };
}
