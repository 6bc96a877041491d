/**
 * Runs schedules of faults: `SCHEDULES` of them, starting at the seed `FIRST_SEED`, or only the one of `FAULT_SEED`.
 * Exits with code 1 if a schedule fails, or if a kind of fault is never injected.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import { Rig } from './rig.ts';
import { runSchedule } from './run-schedule.ts';
import { synthesizeScaled } from './scaled-program.ts';
import { scheduleOf } from './schedule.ts';

/** Number of stacks that run schedules at the same time, because a stack often waits. */
const RIGS = 3;

const { FAULT_SEED, SCHEDULES = '300', FIRST_SEED = '1' } = process.env;
const first = Number(FAULT_SEED ?? FIRST_SEED);
const count = FAULT_SEED === undefined ? Number(SCHEDULES) : 1;

const started = performance.now();
const rigs: Rig[] = [];
const failed: number[] = [];
const repaired = new Map<string, number>();
let [next, done, executions, resumed] = [first, 0, 0, 0];
let isInterrupted = false;
process.on('SIGINT', () => {
  isInterrupted = true;
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function seconds(): string {
  return ((performance.now() - started) / 1_000).toFixed(0);
}

async function runAll(rig: Rig): Promise<void> {
  while (next < first + count && !isInterrupted) {
    const schedule = scheduleOf(next);
    next += 1;
    const result = await runSchedule(rig, schedule);
    done += 1;
    executions += result.executions;
    resumed += result.resumed;
    for (const error of result.repaired) repaired.set(error, (repaired.get(error) ?? 0) + 1);
    if (result.problems.length > 0) {
      const { seed, kind, isVersioned, uploads, steps } = schedule;
      failed.push(seed);
      print(`\nSchedule ${seed} failed; run it again: FAULT_SEED=${seed} npm run test:faults`);
      print(`  ${kind.dataset}, ${isVersioned ? 'with' : 'without'} versions`);
      for (const { rows, writing } of uploads) print(`  ${rows.length} rows, ${JSON.stringify(writing)}`);
      for (const step of steps) print(`  ${JSON.stringify(step)}`);
      for (const problem of result.problems) print(`  ${problem}`);
    }
    if (done % 50 === 0) print(`${done} schedules, ${seconds()} s`);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'csv-pipeline-faults-'));
try {
  const stack = await synthesizeScaled(join(folder, 'program'));
  for (let rig = 0; rig < Math.min(RIGS, count); rig += 1) rigs.push(await Rig.start(stack));
  await Promise.all(rigs.map(runAll));
} finally {
  await Promise.all(rigs.map((rig) => rig.close()));
  await rm(folder, { recursive: true });
}

const times = (kind: FaultKind) => rigs.reduce((sum, { proxy }) => sum + (proxy.injected.get(kind) ?? 0), 0);
print(`\n${done} schedules in ${seconds()} s`);
print(`${executions} executions, in which ${resumed} invocations resumed where another one had stopped`);
print('\nFaults injected');
for (const kind of FAULT_KINDS) print(`${String(times(kind)).padStart(6)}  ${kind}`);
print('\nExecutions that failed, and were redriven or started again');
for (const [error, number] of [...repaired].sort(([, one], [, other]) => other - one)) {
  print(`${String(number).padStart(6)}  ${error}`);
}
const never = FAULT_SEED === undefined ? FAULT_KINDS.filter((kind) => times(kind) === 0) : [];
if (never.length > 0) print(`\nNever injected: ${never.join(', ')}`);
if (failed.length > 0) print(`\nFailed: ${failed.map((seed) => `FAULT_SEED=${seed}`).join(' ')}`);
print(`\n${done - failed.length} passed, ${failed.length} failed`);
process.exitCode = isInterrupted ? 130 : Math.min(1, failed.length + never.length);
