/** A file far larger than a state's limit passes with small payloads and little memory. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { descendants } from '../local/processes.ts';
import { synthesizedFolder } from '../support/stack/stack.ts';

const ROWS = 100_000;

let folder: string;
beforeAll(() => {
  // Builds the bundles, so that the run finds them: building takes more memory than any file.
  synthesizedFolder('local');
  folder = mkdtempSync(join(tmpdir(), 'large-file-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function* lines(): Generator<string> {
  yield 'id,name,amount,date,note\n';
  for (let row = 0; row < ROWS; row += 1) {
    const day = String(1 + (row % 28)).padStart(2, '0');
    yield `${row},"Name, of number ${row}",${row}.${row % 100},2024-02-${day},${'n'.repeat(150)}\n`;
  }
}

/** Peak resident memory of a process so far, in MB; 0 on systems that do not report it. */
function peakMegabytes(pid: number): number {
  const status = `/proc/${pid}/status`;
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(status, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

test(`${ROWS} rows in 20 MB`, async () => {
  const file = join(folder, 'large.csv');
  await pipeline(Readable.from(lines()), createWriteStream(file));

  const child = spawn(process.execPath, ['cli/index.ts', 'run', file, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let largest = 0;
  const sampling = setInterval(() => {
    for (const pid of [child.pid ?? 0, ...descendants(child.pid ?? 0)])
      largest = Math.max(largest, peakMegabytes(pid));
  }, 100);
  const output: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
  const [code] = await once(child, 'close');
  clearInterval(sampling);

  const result = JSON.parse(Buffer.concat(output).toString());
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: { read: ROWS, loaded: ROWS, rejected: 0, duplicates: 0 },
  });
  expect(code).toBe(0);
  for (const { inputBytes, outputBytes } of result.states) {
    expect(Math.max(inputBytes, outputBytes)).toBeLessThanOrEqual(16 * 1_024);
  }
  expect(largest).toBeLessThan(300);
  // On a system with /proc, there must be a measurement.
  expect(largest > 50 || !existsSync('/proc/self/status')).toBe(true);
});
