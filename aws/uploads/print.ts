/** Uploads as lines of text. */

import { textTable } from '../../report/terminal/table.ts';
import type { Upload } from './compare.ts';
import type { UploadCount } from './count.ts';
import type { StartedUpload } from './start.ts';

/** Widths of the columns of uploads, in characters; the last one is as wide as it has to be. */
const WIDTHS = { status: 10, time: 20, rows: 11, outcome: 14 } as const;

/** The heads of the columns of {@link uploadLine}. */
export const UPLOAD_HEAD = columns('Status', ['Uploaded', 'Finished'], ['Loaded', 'Rejected'], 'File');

/** An upload as a line of a table. */
export function uploadLine({ status, uploaded, ended, loaded, rejected, key, error }: Upload): string {
  const rows = [loaded, rejected].map((count) => count?.toLocaleString('en') ?? '');
  return columns(status, [time(uploaded), time(ended)], rows, error === null ? key : `${key}  ${error}`);
}

/** An execution that has ended, as a line. */
export function endLine({ outcome, key, error, cause }: StartedUpload): string {
  const reason = error === null ? '' : `  ${error}${cause === null ? '' : `: ${cause}`}`;
  return `${outcome.padEnd(WIDTHS.outcome)}  ${key}${reason}\n`;
}

/** An execution that has started, as a line. */
export function startLine({ key, execution }: { readonly key: string; readonly execution: string }): string {
  return `${'started'.padEnd(WIDTHS.outcome)}  ${key}  ${execution}\n`;
}

/** The counts as a table. */
export function countTable(counts: readonly UploadCount[]): string {
  const rows = counts.map(({ dataset, status, uploads, oldest, newest }) => [
    dataset,
    status,
    uploads.toLocaleString('en'),
    time(oldest),
    time(newest),
  ]);
  return rows.length === 0
    ? 'No files.\n'
    : `\n${textTable(['Dataset', 'Status', 'Files', 'Oldest', 'Newest'], rows, ['left', 'left', 'right'])}\n`;
}

/** How many executions ended in which way, as a line. */
export function outcomeLine(outcomes: ReadonlyMap<string, number>): string {
  if (outcomes.size === 0) return 'There was nothing to start.\n';
  const counts = [...outcomes].map(([outcome, count]) => `${count.toLocaleString('en')} ${outcome}`);
  return `\n${counts.join(', ')}\n`;
}

function columns(status: string, times: readonly string[], rows: readonly string[], file: string): string {
  const padded = [
    status.padEnd(WIDTHS.status),
    ...times.map((each) => each.padEnd(WIDTHS.time)),
    ...rows.map((each) => each.padStart(WIDTHS.rows)),
    file,
  ];
  return `${padded.join('  ')}\n`;
}

/** A time without its milliseconds, which S3 does not have. */
function time(iso: string | null): string {
  return iso?.replace(/\.\d+Z$/, 'Z') ?? '';
}
