/** Runs one schedule, and holds what came of it against the oracle. */

import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { ExecutionResult } from '../../local/execution.ts';
import { areSoft } from './faults.ts';
import { type Expected, type Listed, TableModel } from './oracle.ts';
import type { Rig } from './rig.ts';
import { writeFile } from './rows.ts';
import type { Schedule, Upload } from './schedule.ts';

/** How a schedule went. */
export interface Went {
  readonly executions: number;
  /** Invocations that went on with a chunk where another one had stopped. */
  readonly resumed: number;
  /** Names of the errors that executions ended with and that starting them again repaired. */
  readonly repaired: readonly string[];
  /** What is wrong, if something is. */
  readonly problems: readonly string[];
}

/** Errors of a function with which an execution may end because of what was done to it. */
const KNOWN_ERRORS: ReadonlySet<string> = new Set([
  'ServiceUnavailableError',
  'SourceChangedError',
  'LoadTimeoutError',
  'UnpackError',
  'Sandbox.Timedout',
  'Runtime.ExitError',
]);

/** Errors of a Map, whose cause names the function's. */
const MAP_ERRORS: ReadonlySet<string> = new Set(['ValidateFailed', 'LoadFailed']);

/** Wrong items that are named. */
const SHOWN = 5;

const reported = z.object({ errorType: z.string(), errorMessage: z.string().min(1) });
const output = z.object({
  read: z.number(),
  loaded: z.number(),
  rejected: z.number(),
  duplicates: z.number(),
});
const summary = z.object({ ...output.shape, loaded: z.number().nullable(), files: z.array(z.string()) });

export async function runSchedule(rig: Rig, schedule: Schedule): Promise<Went> {
  const { seed, kind, uploads } = schedule;
  const model = new TableModel(kind);
  const key = `${kind.prefix}schedule-${seed}.csv`;
  const repaired: string[] = [];
  let [executions, resumed] = [0, 0];
  try {
    for (const [index, { rows, writing, faults }] of uploads.entries()) {
      const file = writeFile(kind, rows, writing);
      const expected = model.upload(rows, file);
      const input = await rig.upload(key, file.bytes);
      const execute = async (attempt: number, met: Upload['faults']) => {
        executions += 1;
        const name = `s${seed}-u${index}-${attempt}`;
        const ended = await rig.execute(input, { name, key, faults: met });
        resumed += resumedIn(ended, 'ValidateChunk', 'ChunkValidated');
        resumed += resumedIn(ended, 'LoadChunk', 'ChunkLoaded');
        return ended;
      };
      let result = await execute(1, faults);
      if (result.status === 'FAILED' && !isRefusal(result)) {
        const items = await rig.items(kind);
        const problems = [...failureProblems(result, faults), ...model.foreign(items).slice(0, SHOWN)];
        if (problems.length > 0) return { executions, resumed, repaired, problems };
        repaired.push(errorOf(result));
        result = await execute(2, []);
      }
      const problems = [
        ...outcomeProblems(result, expected),
        ...reportProblems(await rig.report(key, result.name), expected),
        ...model.differences(await rig.items(kind)).slice(0, SHOWN),
      ];
      if (problems.length > 0) return { executions, resumed, repaired, problems };
    }
    return { executions, resumed, repaired, problems: [] };
  } finally {
    await rig.clear(kind);
  }
}

/** How much more often the state of a Map was entered that works than the one that is entered once for each chunk. */
function resumedIn({ status, states }: ExecutionResult, works: string, ends: string): number {
  const entered = (state: string) => states.find(({ name }) => name === state)?.iterations ?? 0;
  // Of a Map that failed, chunks are left.
  return status === 'SUCCEEDED' ? entered(works) - entered(ends) : 0;
}

type Failure = Extract<ExecutionResult, { readonly status: 'FAILED' }>;

/** Whether an execution ended because of what is in the file. */
function isRefusal(result: ExecutionResult): boolean {
  return result.status === 'FAILED' && result.error === 'ValidationError';
}

/** What Lambda reported; undefined where it is something else. */
function reportedBy({ cause }: Failure): z.output<typeof reported> | undefined {
  try {
    return reported.parse(JSON.parse(cause));
  } catch {
    return undefined;
  }
}

/** The error that an execution ended with, and behind that of a Map the function's. */
function errorOf(failure: Failure): string {
  const inner = reportedBy(failure)?.errorType;
  return MAP_ERRORS.has(failure.error) ? `${failure.error}: ${inner}` : failure.error;
}

function failureProblems(failure: Failure, faults: Upload['faults']): string[] {
  const inner = reportedBy(failure);
  const name = MAP_ERRORS.has(failure.error) ? inner?.errorType : failure.error;
  const said = `${failure.error}: ${failure.cause}`;
  if (inner === undefined || name === undefined || !KNOWN_ERRORS.has(name)) {
    return [`it failed, and not in a way that tells why: ${said}`];
  }
  return areSoft(faults) ? [`it failed of faults that it should get over: ${said}`] : [];
}

function outcomeProblems(result: ExecutionResult, { isAccepted, counts }: Expected): string[] {
  if (result.status === 'FAILED') {
    if (isAccepted) return [`it should have succeeded: ${result.error}: ${result.cause}`];
    const said = `${counts.rejected} of ${counts.read} rows`;
    return result.error === 'ValidationError' && result.cause.includes(said)
      ? []
      : [`it should have said that ${said} are rejected: ${result.error}: ${result.cause}`];
  }
  if (!isAccepted) return ['it should have refused the file'];
  const found = output.parse(result.output);
  return same('the counts', found, counts);
}

function reportProblems(files: ReadonlyMap<string, string>, expected: Expected): string[] {
  const { isAccepted, counts, rejected, duplicates } = expected;
  const said = files.get('report.json');
  if (said === undefined) {
    // Where nothing was rejected, and nothing was left out, the report comes last.
    return ['there is no report.json'];
  }
  const { files: listed, ...found } = summary.parse(JSON.parse(said));
  const names = (list: string) => listed.filter((file) => file.startsWith(list));
  const rows = (list: string) => names(list).flatMap((file) => listedIn(files.get(file) ?? ''));
  return [
    ...same('the counts of report.json', found, { ...counts, loaded: isAccepted ? counts.loaded : null }),
    ...same('rejected.csv', rows('rejected'), rejected),
    ...same('duplicates.csv', rows('duplicates'), duplicates),
  ];
}

/** The rows of a file of a report. */
function listedIn(text: string): Listed[] {
  const delimiter = text.startsWith('Bestell') || text.startsWith('\uFEFFBestell') ? ';' : ',';
  const rows: string[][] = parse(text, { delimiter, bom: true, relax_quotes: true });
  return rows.slice(1).map((row) => {
    const [line = '', column = '', code = ''] = row.slice(-4);
    return { line: Number(line), column, code };
  });
}

function same(what: string, found: unknown, wanted: unknown): string[] {
  const [is, should] = [sorted(found), sorted(wanted)];
  return is === should ? [] : [`${what}: ${is} should be ${should}`];
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
