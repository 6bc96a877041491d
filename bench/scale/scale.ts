/**
 * Measures the pipeline with files of 10 MB, 100 MB and 1 GB. `--quick` leaves out 1 GB and does not keep the figures;
 * `--huge` adds 10 GB. Exits with code 1 if a figure exceeds its limit.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FUNCTION_NAMES } from '../../asl/pipeline.ts';
import { megabytes, percent, problemsOf, rounded } from '../compare/checks.ts';
import { type Measurement, measureAll } from '../measure/measure.ts';
import { machine, RESULTS_FILE, type Results } from './results.ts';

async function run(): Promise<void> {
  const { quick = false, huge = false } = parseArgs({
    options: { quick: { type: 'boolean' }, huge: { type: 'boolean' } },
  }).values;
  const sizes = [10e6, 100e6, ...(quick ? [] : [1e9]), ...(huge ? [10e9] : [])];
  const measurements: Measurement[] = [];
  const nodeOptions = await measureAll(sizes, (measurement) => {
    measurements.push(measurement);
    process.stdout.write(`${report(measurement)}\n\n`);
  });
  if (!quick) {
    const results: Results = { machine: machine(), node: process.version, nodeOptions, measurements };
    writeFileSync(RESULTS_FILE, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  const problems = problemsOf(measurements);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}

function report(measurement: Measurement): string {
  const { size, rows, chunks, planBytes, seconds, functions } = measurement;
  const lines = [
    ['bytes', rounded(size)],
    ['rows', rounded(rows)],
    ['chunks', rounded(chunks)],
    ['bytes read to plan', `${rounded(planBytes)} (${percent(planBytes / size)})`],
    ['seconds to plan', seconds.plan.toFixed(1)],
    ['rows per second, validate', rounded(rows / seconds.validate)],
    ['rows per second, load', rounded(rows / seconds.load)],
    ['largest payload, bytes', rounded(measurement.largestPayload)],
    ['state transitions', rounded(measurement.transitions)],
    ['history events', rounded(measurement.historyEvents)],
    ...FUNCTION_NAMES.flatMap((name) => {
      const usage = functions[name];
      if (usage === undefined) return [];
      const { peakBytes, processes, cpuSeconds } = usage;
      return [
        [
          `${name}, peak`,
          `${megabytes(peakBytes)} MB in ${processes} processes, ${cpuSeconds.toFixed(1)} s of CPU`,
        ],
      ];
    }),
  ];
  return lines.map(([name = '', value = '']) => `${name.padEnd(26)}${value}`).join('\n');
}

if (import.meta.main) void run();
