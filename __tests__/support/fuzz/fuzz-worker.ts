/** The worker thread of {@link fuzz}. */

import { deepStrictEqual, ok } from 'node:assert';
import { parentPort } from 'node:worker_threads';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { compressionOf } from '../../../functions/core/container/containers.ts';
import { fixtureDataset } from '../../fixtures/datasets.ts';
import type { FuzzCounts, FuzzMessage, FuzzRun } from './fuzz.ts';
import { type ValidFile, validFile } from './fuzz-files.ts';
import { type Mutation, mutated, mutations } from './mutations.ts';
import type { Reading, ReadOptions } from './read-file.ts';
import { isRefusal, type Refusal, verifyReading } from './verify-reading.ts';

/** Maximum CPU time of a case in milliseconds. */
const MAX_CASE_MS = 2_000;

const NONE: FuzzCounts = {
  cases: 0,
  refused: 0,
  items: 0,
  rejects: 0,
  blank: 0,
  footer: 0,
  cut: 0,
  slowestMs: 0,
};
/** Of the run that has been asked for last. */
let counts = NONE;

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
    counts.blank += outcome.blank;
    counts.footer += outcome.footer;
    if (outcome.chunks.length > 1) counts.cut += 1;
  }
  return outcome;
}

/** A valid file yields exactly what it was written from. */
async function verifyValid(file: ValidFile, options: ReadOptions): Promise<void> {
  const outcome = await read(file.bytes, file.dataset, options);
  ok(!isRefusal(outcome), 'a valid file is refused');
  verifyYield(outcome, file);
}

function verifyYield({ items, rejects, blank, footer }: Reading, file: ValidFile): void {
  deepStrictEqual(
    { items, rejects, blank, footer },
    { items: file.items, rejects: [], blank: file.blank, footer: file.footer },
  );
}

async function verifyMutated(
  file: ValidFile,
  changes: readonly Mutation[],
  options: ReadOptions,
): Promise<void> {
  await read(mutated(file.bytes, file.headerEnd, changes), file.dataset, options);
}

/** Each container that a file may be in, with a checksum of its contents. */
const containers = {
  gzip: (bytes: Buffer): Buffer => gzipSync(bytes),
  zip: (bytes: Buffer): Buffer => Buffer.from(zipSync({ 'file.csv': bytes })),
  zstd: (bytes: Buffer): Buffer =>
    zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
} as const;

/** A damaged compressed file yields its original items or is refused. */
async function verifyCompressed(
  file: ValidFile,
  container: keyof typeof containers,
  changes: readonly Mutation[],
  options: ReadOptions,
): Promise<void> {
  const compressed = mutated(containers[container](file.bytes), 0, changes);
  const outcome = await read(compressed, file.dataset, options);
  if (isRefusal(outcome)) return;
  // If the damage is in the first bytes, nothing shows any more what the file is, and a block may be stored as it was.
  if (compressionOf(compressed) !== container) return;
  verifyYield(outcome, file);
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
    minChunkBytes: 1_000 * (options.minChunkBytes ?? 1),
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

type Parameters = { readonly numRuns: number; readonly includeErrorInReport: true };
const properties = {
  valid: (parameters: Parameters) => fc.assert(fc.asyncProperty(files, readOptions, verifyValid), parameters),
  mutated: (parameters: Parameters) =>
    fc.assert(fc.asyncProperty(files, mutations, readOptions, verifyMutated), parameters),
  compressed: (parameters: Parameters) =>
    fc.assert(
      fc.asyncProperty(
        files,
        fc.constantFrom('gzip', 'zip', 'zstd'),
        fewMutations,
        readOptions,
        verifyCompressed,
      ),
      parameters,
    ),
  large: (parameters: Parameters) =>
    fc.assert(fc.asyncProperty(files, sizes, mutations, readOptions, verifyLarge), parameters),
};

parentPort?.on('message', async ({ kind, cases }: FuzzRun) => {
  counts = { ...NONE };
  try {
    await properties[kind]({ numRuns: cases, includeErrorInReport: true });
    post({ done: counts });
  } catch (error) {
    post({ failed: error instanceof Error ? error.message : String(error) });
  }
});
