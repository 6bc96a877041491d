/** Prints a run for a person to read. */

import { styleText } from 'node:util';
import { textTable } from '../report/terminal/table.ts';
import type { StateSummary } from './machine/state-recorder.ts';
import type { LocalResult } from './run.ts';

/** The summary of a run. */
export function summary(result: LocalResult): string {
  const states = textTable(
    ['State', 'Status', 'Time', 'Attempts', 'Counts'],
    result.states.map((state) => [
      state.iterations === undefined ? state.name : `  ${state.name}`,
      coloured(state.status),
      `${(state.milliseconds / 1_000).toFixed(2)} s`,
      state.attempts,
      counts(state),
    ]),
    ['left', 'left', 'right', 'right', 'left'],
  );
  return [
    states,
    '',
    outcome(result),
    ...rejected(result),
    ...changes(result),
    ...page(result),
    ...state(result),
    '',
  ].join('\n');
}

function counts({ iterations, counts: rows }: StateSummary): string {
  const entries = Object.entries(rows).map(([name, count]) => `${count.toLocaleString('en')} ${name}`);
  if (iterations === undefined) return entries.join(', ');
  return [
    `${iterations.toLocaleString('en')} ${iterations === 1 ? 'iteration' : 'iterations'}`,
    ...entries,
  ].join(', ');
}

function outcome(result: LocalResult): string {
  const head = `${coloured(result.status)}  ${result.name}`;
  if (result.status === 'SUCCEEDED') {
    // The rejected rows have a table of their own.
    const fields = Object.entries(Object(result.output))
      .filter(([name, value]) => name !== 'first_rejected' && value !== null && String(value) !== '')
      .map(([name, value]) => `  ${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`);
    return [head, ...fields].join('\n');
  }
  return [`${head}\n${result.error}: ${result.cause}`, ...result.log.map((line) => `  | ${line}`)].join('\n');
}

function rejected(result: LocalResult): string[] {
  const { rejected: rows, rejectedReport } = result;
  if (rejectedReport === null) return [];
  const cells = rows.map(({ line, column, reason }) => [line, column, reason]);
  const table = textTable(['Line', 'Column', 'Reason'], cells);
  return ['', 'First rejected rows:', table, `All rejected rows: ${rejectedReport}`, ...next(result)];
}

/** What to do with rejected rows; if nothing was loaded, the error says it. */
function next(result: LocalResult): string[] {
  if (result.status !== 'SUCCEEDED') return [];
  // Only a load that deletes what its file lacks has this count: the report alone lacks nearly everything.
  if ('removed' in Object(result.output)) {
    return [
      `Correct them in that file, put them back into yours with "npx csv-pipeline merge FILE ${result.rejectedReport} --out fixed.csv", and upload fixed.csv.`,
    ];
  }
  return ['Correct them in that file, and upload it as it is.'];
}

function changes({ changesReport }: LocalResult): string[] {
  return changesReport === null ? [] : ['', `Keys that were added, changed and removed: ${changesReport}`];
}

function page({ page: path }: LocalResult): string[] {
  return path === null ? [] : ['', `Open the report in a browser: ${path}`];
}

function state({ state: path }: LocalResult): string[] {
  return path === null ? [] : ['', `S3 and DynamoDB are kept in ${path}.`];
}

function coloured(status: StateSummary['status']): string {
  return styleText(status === 'SUCCEEDED' ? 'green' : 'red', status);
}
