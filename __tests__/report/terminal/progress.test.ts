/** The progress of a run, on a terminal and elsewhere. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { StateProgress } from '../../../report/record/run-record.ts';
import { liveLine, plainLine, RunProgress } from '../../../report/terminal/progress.ts';

const load: StateProgress = {
  name: 'LoadToDynamoDB',
  type: 'Map',
  status: 'RUNNING',
  milliseconds: 10_000,
  rows: 25_000,
  bytes: 250,
  totalBytes: 1_000,
};
const fetched: StateProgress = { name: 'FetchCsv', type: 'Task', status: 'SUCCEEDED', milliseconds: 700 };

/** A stream that captures what is drawn. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  const target = Object.assign(new PassThrough(), {
    isTTY,
    columns: 120,
    hasColors: () => isTTY,
    getColorDepth: () => (isTTY ? 8 : 1),
  });
  target.on('data', (data) => written.push(String(data)));
  // The code under test uses no other member of a terminal's stream.
  return { target: target as unknown as NodeJS.WriteStream, text: () => written.join('') };
}

test('a line has a bar, the rows, the rows per second and the remaining time', () => {
  const { target } = stream(false);
  expect(liveLine(load, target)).toBe(
    '… LoadToDynamoDB   ██████░░░░░░░░░░░░░░░░░░ 10.0 s, 25,000 rows, 2,500 rows/s, 30 s left',
  );
  expect(liveLine(fetched, target)).toBe('✓ FetchCsv         ████████████████████████ 0.7 s');
  expect(plainLine(load)).toBe('LoadToDynamoDB: running, 25 %, 10.0 s, 25,000 rows, 2,500 rows/s, 30 s left');
  expect(plainLine(fetched)).toBe('FetchCsv: done, 0.7 s');
});

test.each([
  ['an unknown total', { totalBytes: undefined }, '··', 'left'],
  ['no rows yet', { rows: 0, bytes: 0 }, '░░', 'rows'],
])('leaves out what %s does not give', (_, change, bar, missing) => {
  const { totalBytes, ...rest } = { ...load, ...change };
  const line = liveLine({ ...rest, ...(totalBytes !== undefined && { totalBytes }) }, stream(false).target);
  expect(line).toContain(bar);
  expect(line).not.toContain(missing);
});

test('shows long times in minutes and hours', () => {
  const remaining = (totalBytes: number) =>
    plainLine({ ...load, totalBytes })
      .split(', ')
      .at(-1);
  expect(remaining(2_500)).toBe('2 min left');
  expect(remaining(250_000)).toBe('2 h 47 min left');
});

test('on a terminal each state has a line, which is cleared at the end', async () => {
  const { target, text } = stream(true);
  const progress = new RunProgress(target);
  progress.follow({ progress: () => [fetched, load] });
  await setTimeout(700);
  progress.stop();
  expect(text()).toContain('starting');
  expect(text()).toMatch(/FetchCsv[\s\S]*LoadToDynamoDB +█+░+ 10\.0 s/);
  expect(text()).toContain('\u001B[36m');
  // The lines are cleared, and the cursor is visible again.
  expect(text().split('LoadToDynamoDB').at(-1)).toContain('\u001B[0J');
  expect(text().split('\u001B[?25h').at(-1)).not.toContain('█');
});

test.each([
  ['colours', {}, true],
  ['no colours if NO_COLOR is set', { NO_COLOR: '1' }, false],
])('a terminal gets %s', (_, variables, isColoured) => {
  // In a separate process, because the variable is read from the real environment.
  const program = `
    import { liveLine } from ${JSON.stringify(join(__dirname, '../../../report/terminal/progress.ts'))};
    import { WriteStream } from 'node:tty';
    const { getColorDepth } = WriteStream.prototype;
    const stream = Object.assign(process.stdout, { isTTY: true, getColorDepth });
    process.stdout.write(liveLine(${JSON.stringify(load)}, stream));`;
  // In CI, Node.js assumes that a terminal has no colours.
  const { CI: _ci, FORCE_COLOR: _forced, NO_COLOR: _none, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...env, TERM: 'xterm-256color', ...variables },
    encoding: 'utf8',
  });
  expect(stdout).toContain('LoadToDynamoDB');
  expect(stdout.includes('\u001B')).toBe(isColoured);
});

test('elsewhere a state has one plain line when it ends', async () => {
  const { target, text } = stream(false);
  const progress = new RunProgress(target);
  let states = [fetched, load];
  progress.follow({ progress: () => states });
  await setTimeout(700);
  expect(text()).toBe('FetchCsv: done, 0.7 s\n');
  states = [fetched, { ...load, status: 'FAILED' }];
  progress.stop();
  expect(text()).toBe('FetchCsv: done, 0.7 s\nLoadToDynamoDB: failed, 10.0 s, 25,000 rows, 2,500 rows/s\n');
});
