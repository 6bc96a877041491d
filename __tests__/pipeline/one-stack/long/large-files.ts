/** Files of many megabytes or thousands of rows. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { airports } from '../../../../datasets/airports.ts';
import { both, expectAgreement } from '../../../support/dry-run.ts';
import { type Pipeline, sharedPipeline } from '../../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

const header = 'id,name,amount,date,note\n';

/** Names of the tasks that ran, in order. */
function tasks(result: Awaited<ReturnType<Pipeline['ingest']>>): string[] {
  return result.states.filter(({ type }) => type === 'Task').map(({ name }) => name);
}

test('a public data set is loaded completely', async () => {
  // The package exports only the URLs of its data.
  const file = readFileSync(join(__dirname, '../../../../node_modules/vega-datasets/data/airports.csv'));
  const { items, ...result } = await pipeline.ingest('airports.csv', file, { dataset: airports.name });
  const rows: Record<string, string>[] = parse(file, { columns: true });
  expect(rows).toHaveLength(3_376);
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: { read: 3_376, loaded: 3_376, rejected: 0, duplicates: 0 },
  });
  const byKey = new Map(items.map((item) => [item.iata, item]));
  expect(byKey.size).toBe(rows.length);
  for (const { latitude, longitude, ...row } of rows) {
    expect(byKey.get(row.iata)).toEqual({
      pk: `AIRPORT#${row.iata}`,
      ...row,
      latitude: Number(latitude),
      longitude: Number(longitude),
    });
  }
});

test('a compressed file is recognized by its content and not by its name, and leaves no parts behind', async () => {
  const rows = Array.from(
    { length: 3_000 },
    (_, row) => `gz-${row},"a, ""b""\nc",${row},2024-01-01,${'n'.repeat(6_000)}\n`,
  );
  const compressed = gzipSync(header + rows.join(''));
  for (const name of ['compressed.csv', 'compressed.csv.gz']) {
    const result = await pipeline.ingest(name, compressed);
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: { source_key: name, read: 3_000, loaded: 3_000 },
    });
    expect(tasks(result)).toContain('ScanCsv');
    expect(result.states.find(({ name: state }) => state === 'LoadChunk')?.iterations).toBe(2);
    expect(await pipeline.decompressedParts(result.name)).toEqual([]);
  }
  const plain = await pipeline.ingest('plain.csv.gz', `${header}gz-plain,Ada,1,2024-01-01,x\n`);
  expect(plain).toMatchObject({ status: 'SUCCEEDED', output: { loaded: 1 } });
});

test('a file of 8 MiB chunks is cut by probing it', async () => {
  const rows = Array.from(
    { length: 4_000 },
    (_, row) => `probe-${row},"two\nlines",1,2024-01-01,${'n'.repeat(5_000)}\n`,
  );
  const result = await pipeline.ingest('probe.csv', header + rows.join(''));
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { read: 4_000, loaded: 4_000 } });
  expect(tasks(result)).not.toContain('ScanCsv');
  expect(result.states.find(({ name }) => name === 'ValidateChunk')?.iterations).toBe(2);
});

test('a file that defeats the probe is cut again, exactly, and loses nothing', async () => {
  // The long fields look like rows, and the probe's window lies within one of them.
  const fake = 'fake,Eve,1,2024-01-01,x\n'.repeat(16_000);
  const rows = Array.from({ length: 61 }, (_, row) => `real-${row},Ada,1,2024-01-01,"${fake}"\n`);
  const result = await pipeline.ingest('hostile.csv', header + rows.join(''));
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { read: 61, loaded: 61, rejected: 0 } });
  expect(tasks(result)).toEqual([
    'FetchCsv',
    'ValidateChunk',
    'JudgeCsv',
    'ScanCsv',
    'FindDuplicates',
    'BeginLoad',
    'LoadChunk',
    'ReconcileLoad',
    'TellLoaded',
  ]);
  expect(result.states.find(({ name }) => name === 'JudgeCsv')).toMatchObject({ attempts: 2 });
  expect(result.items.filter((item) => item.id === 'fake')).toEqual([]);
});

test('the dry run agrees on line numbers across chunks, and on the first of many rejected rows', async () => {
  // Keys of the first chunk repeat in the second.
  const row = (id: number) =>
    `${id % 4_000},"${'x'.repeat(4_000)}\n",${id % 200 === 7 ? '?' : 1},2024-01-01\n`;
  const rows = Array.from({ length: 4_300 }, (_, id) => row(id));
  const { dry, real } = await both(pipeline, 'cut.csv', `id,name,amount,date\n${rows.join('')}`);
  expectAgreement({ dry, real });
  expect(real.states.find(({ iterations }) => iterations !== undefined)).toMatchObject({ iterations: 2 });
  expect(dry.counts).toEqual({ read: 4_300, rejected: 22, duplicates: 298, blank: 0, footer: 0 });
  expect(dry.rejected).toHaveLength(20);
  expect(dry.rejected.at(-1)).toMatchObject({ line: 2 + 2 * (19 * 200 + 7) });
});
