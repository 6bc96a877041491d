/** What a run's progress shows, on a terminal and elsewhere. */

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

/** A stream that takes what would be drawn. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  const target = Object.assign(new PassThrough(), {
    isTTY,
    columns: 120,
    hasColors: () => isTTY,
    getColorDepth: () => (isTTY ? 8 : 1),
  });
  target.on('data', (data) => written.push(String(data)));
  // Only what a stream of a terminal has beside is missing, and nothing asks for it.
  return { target: target as unknown as NodeJS.WriteStream, text: () => written.join('') };
}

test('a line has a bar, rows, rows a second, and the time that is left', () => {
  const { target } = stream(false);
  expect(liveLine(load, target)).toBe(
    '… LoadToDynamoDB   ██████░░░░░░░░░░░░░░░░░░ 10.0 s, 25,000 rows, 2,500 rows/s, 30 s left',
  );
  expect(liveLine(fetched, target)).toBe('✓ FetchCsv         ████████████████████████ 0.7 s');
  expect(plainLine(load)).toBe('LoadToDynamoDB: running, 25 %, 10.0 s, 25,000 rows, 2,500 rows/s, 30 s left');
  expect(plainLine(fetched)).toBe('FetchCsv: done, 0.7 s');
});

test.each([
  ['a total that is not known', { totalBytes: undefined }, '··', 'left'],
  ['no rows yet', { rows: 0, bytes: 0 }, '░░', 'rows'],
])('%s is not made up', (_, change, bar, missing) => {
  const { totalBytes, ...rest } = { ...load, ...change };
  const line = liveLine({ ...rest, ...(totalBytes !== undefined && { totalBytes }) }, stream(false).target);
  expect(line).toContain(bar);
  expect(line).not.toContain(missing);
});

test('long times are told in minutes and hours', () => {
  const left = (totalBytes: number) =>
    plainLine({ ...load, totalBytes })
      .split(', ')
      .at(-1);
  expect(left(2_500)).toBe('2 min left');
  expect(left(250_000)).toBe('2 h 47 min left');
});

test('on a terminal each state has its line, which goes when it is over', async () => {
  const { target, text } = stream(true);
  const progress = new RunProgress(target);
  progress.follow({ progress: () => [fetched, load] });
  await setTimeout(700);
  progress.stop();
  expect(text()).toContain('starting');
  expect(text()).toMatch(/FetchCsv[\s\S]*LoadToDynamoDB +█+░+ 10\.0 s/);
  expect(text()).toContain('\u001B[36m');
  // The lines are taken away, and the cursor is given back.
  expect(text().split('LoadToDynamoDB').at(-1)).toContain('\u001B[0J');
  expect(text().split('\u001B[?25h').at(-1)).not.toContain('█');
});

test.each([
  ['colours', {}, true],
  ['no colours where NO_COLOR is set', { NO_COLOR: '1' }, false],
])('a terminal gets %s', (_, variables, isColoured) => {
  // In a process of its own, since the variable is looked up in the real environment.
  const program = `
    import { liveLine } from ${JSON.stringify(join(__dirname, '../../../report/terminal/progress.ts'))};
    import { WriteStream } from 'node:tty';
    const { getColorDepth } = WriteStream.prototype;
    const stream = Object.assign(process.stdout, { isTTY: true, getColorDepth });
    process.stdout.write(liveLine(${JSON.stringify(load)}, stream));`;
  // In CI Node.js takes a terminal for one without colours.
  const { CI: _ci, FORCE_COLOR: _forced, NO_COLOR: _none, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...env, TERM: 'xterm-256color', ...variables },
    encoding: 'utf8',
  });
  expect(stdout).toContain('LoadToDynamoDB');
  expect(stdout.includes('\u001B')).toBe(isColoured);
});

test('elsewhere a state that is over has a plain line, once', async () => {
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
