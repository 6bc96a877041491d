/** The worker thread of {@link fuzz}. */

import { deepStrictEqual, ok } from 'node:assert';
import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { isGzip } from '../../../functions/core/container/gzip.ts';
import { fixtureDataset } from '../../fixtures/datasets.ts';
import type { FuzzCounts, FuzzMessage, FuzzRun } from './fuzz.ts';
import { type ValidFile, validFile } from './fuzz-files.ts';
import { type Mutation, mutated, mutations } from './mutations.ts';
import type { Reading, ReadOptions } from './read-file.ts';
import { isRefusal, type Refusal, verifyReading } from './verify-reading.ts';

/** Maximum CPU time of a case in milliseconds. */
const MAX_CASE_MS = 2_000;

const counts: FuzzCounts = { cases: 0, refused: 0, items: 0, rejects: 0, cut: 0, slowestMs: 0 };

function post(message: FuzzMessage): void {
  parentPort?.postMessage(message);
}

/** Verifies how a file is read, and counts the outcome. */
async function read(bytes: Buffer, dataset: string, options: ReadOptions): Promise<Reading | Refusal> {
  post({ started: { dataset, options, base64: bytes.toString('base64') } });
  const before = process.threadCpuUsage();
  const outcome = await verifyReading(bytes, fixtureDataset(dataset), options);
  const { user, system } = process.threadCpuUsage(before);
  const cpuMs = (user + system) / 1_000;
  ok(cpuMs < MAX_CASE_MS, `the case takes ${cpuMs} ms of CPU time`);
  counts.slowestMs = Math.max(counts.slowestMs, cpuMs);
  counts.cases += 1;
  if (isRefusal(outcome)) {
    counts.refused += 1;
  } else {
    counts.items += outcome.items.length;
    counts.rejects += outcome.rejects.length;
    if (outcome.chunks.length > 1) counts.cut += 1;
  }
  return outcome;
}

/** A valid file yields exactly the items that it was written from. */
async function verifyValid({ bytes, dataset, items }: ValidFile, options: ReadOptions): Promise<void> {
  const outcome = await read(bytes, dataset, options);
  ok(!isRefusal(outcome), 'a valid file is refused');
  deepStrictEqual({ items: outcome.items, rejects: outcome.rejects }, { items, rejects: [] });
}

async function verifyMutated(
  file: ValidFile,
  changes: readonly Mutation[],
  options: ReadOptions,
): Promise<void> {
  await read(mutated(file.bytes, file.headerEnd, changes), file.dataset, options);
}

/** A damaged gzip file yields its original items or is refused. */
async function verifyCompressed(
  file: ValidFile,
  changes: readonly Mutation[],
  options: ReadOptions,
): Promise<void> {
  const compressed = mutated(gzipSync(file.bytes), 0, changes);
  const outcome = await read(compressed, file.dataset, options);
  if (isRefusal(outcome)) return;
  ok(isGzip(compressed), 'compressed bytes are read as rows');
  deepStrictEqual({ items: outcome.items, rejects: outcome.rejects }, { items: file.items, rejects: [] });
}

/** Repeats the body many times and may insert a line that is too long. */
async function verifyLarge(
  file: ValidFile,
  { repeated, long, at }: { readonly repeated: number; readonly long: number; readonly at: number },
  changes: readonly Mutation[],
  options: ReadOptions,
): Promise<void> {
  const body = Buffer.concat([file.bytes.subarray(file.headerEnd), Buffer.from('\n')]);
  const all = Buffer.concat(Array(Math.ceil(repeated / body.length)).fill(body));
  const position = Math.floor(at * all.length);
  const parts = [all.subarray(0, position), Buffer.alloc(long, 'x'), all.subarray(position)];
  const bytes = Buffer.concat([file.bytes.subarray(0, file.headerEnd), ...parts]);
  await read(mutated(bytes, file.headerEnd, changes), file.dataset, {
    ...options,
    pieceBytes: 4_000 * options.pieceBytes,
    minChunkBytes: 100 * (options.minChunkBytes ?? 1),
  });
}

const readOptions: fc.Arbitrary<ReadOptions> = fc.record({
  pieceBytes: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 1_000 })),
  minChunkBytes: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 100 }), weight: 4 },
    { arbitrary: fc.integer({ min: 101, max: 2_000 }), weight: 1 },
  ),
  stopsOften: fc.boolean(),
});
const files = validFile(6);
/** Nearly every change of a compressed file is detected, so rows come only from files without a mutation. */
const fewMutations = fc.oneof(mutations, fc.constant([]));
const sizes = fc.record({
  repeated: fc.integer({ min: 50_000, max: 600_000 }),
  long: fc.constantFrom(0, 0, 300_000, 500_000),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
});

const { kind, cases }: FuzzRun = workerData;
const parameters = { numRuns: cases, includeErrorInReport: true };
const properties = {
  valid: () => fc.assert(fc.asyncProperty(files, readOptions, verifyValid), parameters),
  mutated: () => fc.assert(fc.asyncProperty(files, mutations, readOptions, verifyMutated), parameters),
  compressed: () =>
    fc.assert(fc.asyncProperty(files, fewMutations, readOptions, verifyCompressed), parameters),
  large: () => fc.assert(fc.asyncProperty(files, sizes, mutations, readOptions, verifyLarge), parameters),
};

properties[kind]().then(
  () => post({ done: counts }),
  (error: unknown) => post({ failed: error instanceof Error ? error.message : String(error) }),
);
