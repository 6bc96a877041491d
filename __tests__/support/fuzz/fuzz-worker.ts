/** The thread of {@link fuzz}. */

import { deepStrictEqual, ok } from 'node:assert';
import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { isGzip } from '../../../functions/core/csv/compressed.ts';
import { fixtureDataset } from '../../fixtures/datasets.ts';
import type { FuzzCounts, FuzzMessage, FuzzRun } from './fuzz.ts';
import { type ValidFile, validFile } from './fuzz-files.ts';
import { type Mutation, mutated, mutations } from './mutations.ts';
import type { Manner, Reading } from './read-file.ts';
import { isRefusal, type Refusal, verifyReading } from './verify-reading.ts';

/** CPU time in milliseconds that a case may take. */
const MAX_TIME = 2_000;

const counts: FuzzCounts = { cases: 0, refused: 0, items: 0, rejects: 0, cut: 0, slowest: 0 };

function post(message: FuzzMessage): void {
  parentPort?.postMessage(message);
}

/** Reads a file, whatever it contains. */
async function read(bytes: Buffer, dataset: string, manner: Manner): Promise<Reading | Refusal> {
  post({ begun: { dataset, manner, base64: bytes.toString('base64') } });
  const before = process.threadCpuUsage();
  const outcome = await verifyReading(bytes, fixtureDataset(dataset), manner);
  const { user, system } = process.threadCpuUsage(before);
  const took = (user + system) / 1_000;
  ok(took < MAX_TIME, `it takes ${took} ms`);
  counts.slowest = Math.max(counts.slowest, took);
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

/** A valid file has exactly the items that it was written from. */
async function verifyValid({ bytes, dataset, items }: ValidFile, manner: Manner): Promise<void> {
  const outcome = await read(bytes, dataset, manner);
  ok(!isRefusal(outcome), 'a valid file is refused');
  deepStrictEqual({ items: outcome.items, rejects: outcome.rejects }, { items, rejects: [] });
}

async function verifyMutated(file: ValidFile, changes: readonly Mutation[], manner: Manner): Promise<void> {
  await read(mutated(file.bytes, file.headerEnd, changes), file.dataset, manner);
}

/** A compressed file is decompressed to its original content, or not at all. */
async function verifyCompressed(
  file: ValidFile,
  changes: readonly Mutation[],
  manner: Manner,
): Promise<void> {
  const compressed = mutated(gzipSync(file.bytes), 0, changes);
  const outcome = await read(compressed, file.dataset, manner);
  if (isRefusal(outcome)) return;
  ok(isGzip(compressed), 'compressed bytes are read as rows');
  deepStrictEqual({ items: outcome.items, rejects: outcome.rejects }, { items: file.items, rejects: [] });
}

/** The body repeated many times, possibly with a line that is too long. */
async function verifyLarge(
  file: ValidFile,
  { repeated, long, at }: { readonly repeated: number; readonly long: number; readonly at: number },
  changes: readonly Mutation[],
  manner: Manner,
): Promise<void> {
  const body = Buffer.concat([file.bytes.subarray(file.headerEnd), Buffer.from('\n')]);
  const all = Buffer.concat(Array(Math.ceil(repeated / body.length)).fill(body));
  const place = Math.floor(at * all.length);
  const parts = [all.subarray(0, place), Buffer.alloc(long, 'x'), all.subarray(place)];
  const bytes = Buffer.concat([file.bytes.subarray(0, file.headerEnd), ...parts]);
  await read(mutated(bytes, file.headerEnd, changes), file.dataset, {
    ...manner,
    pieceBytes: 4_000 * manner.pieceBytes,
    minChunkBytes: 100 * (manner.minChunkBytes ?? 1),
  });
}

const manners: fc.Arbitrary<Manner> = fc.record({
  pieceBytes: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 1_000 })),
  minChunkBytes: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 100 }), weight: 4 },
    { arbitrary: fc.integer({ min: 101, max: 2_000 }), weight: 1 },
  ),
  stopsOften: fc.boolean(),
});
const files = validFile(6);
/** Few mutations, because nearly every change of a compressed file is detected, and no rows are read then. */
const fewMutations = fc.oneof(mutations, fc.constant([]));
const sizes = fc.record({
  repeated: fc.integer({ min: 50_000, max: 600_000 }),
  long: fc.constantFrom(0, 0, 300_000, 500_000),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
});

const { kind, cases }: FuzzRun = workerData;
const parameters = { numRuns: cases, includeErrorInReport: true };
const properties = {
  valid: () => fc.assert(fc.asyncProperty(files, manners, verifyValid), parameters),
  mutated: () => fc.assert(fc.asyncProperty(files, mutations, manners, verifyMutated), parameters),
  compressed: () => fc.assert(fc.asyncProperty(files, fewMutations, manners, verifyCompressed), parameters),
  large: () => fc.assert(fc.asyncProperty(files, sizes, mutations, manners, verifyLarge), parameters),
};

properties[kind]().then(
  () => post({ done: counts }),
  (error: unknown) => post({ failed: error instanceof Error ? error.message : String(error) }),
);
