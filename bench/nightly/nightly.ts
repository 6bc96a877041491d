/**
 * Measures a full export that comes again every night, of which one row in a hundred has changed, beside a load of the same
 * file that writes every row. `--quick` measures a smaller file and does not keep the figures, `--json` prints only them.
 * Exits with code 1 if a ratio is worse than its bound; a quick run, which CI makes, has none for the CPU time.
 */

import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSynthesized } from '../../local/stack/synthesized.ts';
import { Workspace } from '../../local/workspace.ts';
import { synthesizeChanged } from '../measure/changed-program.ts';
import { CHANGED_ROWS, csvFile } from '../measure/csv-file.ts';
import { ENVIRONMENT, measure, measureNights, oneAtATime, synthesizedStack } from '../measure/measure.ts';
import { machine } from '../scale/results.ts';
import { type Load, loadOf, type Nightly, nightlyRatios, problemsOf, RESULTS_FILE } from './night.ts';
import { nightlyTable } from './print-nightly.ts';

/** The bytes of the file, and the rounds: a million rows, or fifty thousand. */
const [FULL, QUICK] = [
  { bytes: 99e6, rounds: 3 },
  { bytes: 10e6, rounds: 1 },
];

/** What makes the dataset of the benchmark's file one whose table follows its files. */
const FOLLOWED = {
  'datasets/results.ts': { "key: 'ROW#{id}'": "key: 'ROW#{id}', load: { mode: 'replace', feed: 'object' }" },
} as const;

async function nightly(isQuick: boolean): Promise<Nightly> {
  const { bytes, rounds } = isQuick ? QUICK : FULL;
  const workspace = new Workspace();
  const [loadAverage = 0] = loadavg();
  const note = (text: string) => process.stderr.write(`${text}\n`);
  try {
    note('synthesizing');
    const plain = oneAtATime(await synthesizedStack(workspace));
    const copy = join(workspace.directory, 'followed');
    const followed = oneAtATime(await readSynthesized(await synthesizeChanged(copy, ENVIRONMENT, FOLLOWED)));
    const found = { full: [] as Load[], first: [] as Load[], night: [] as Load[] };
    for (let round = 1; round <= rounds; round += 1) {
      note(`round ${round}: every row`);
      found.full.push(loadOf(await measure(plain, bytes)));
      note(`round ${round}: two nights`);
      const [first, night] = (await measureNights(followed, bytes, 2)).map(loadOf);
      if (first !== undefined) found.first.push(first);
      if (night !== undefined) found.night.push(night);
    }
    const { size, rows } = csvFile(bytes);
    const date = new Date().toISOString().slice(0, 10);
    return {
      machine: machine(),
      node: process.version,
      date,
      loadAverage,
      bytes: size,
      rows,
      changed: Math.ceil(rows / CHANGED_ROWS),
      ...found,
    };
  } finally {
    await workspace.close();
  }
}

async function run(): Promise<void> {
  const { quick = false, json = false } = parseArgs({
    options: { quick: { type: 'boolean' }, json: { type: 'boolean' } },
  }).values;
  const measured = await nightly(quick);
  const results = `${JSON.stringify({ ...measured, ratios: nightlyRatios(measured) }, undefined, 2)}\n`;
  if (!quick) writeFileSync(RESULTS_FILE, results);
  process.stdout.write(json ? results : `${nightlyTable(measured)}\n`);
  const problems = problemsOf(measured, { isCpuBounded: !quick });
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.main) void run();
