/**
 * Shows where the CPU time goes while rows are loaded, as V8's profiler samples it. As a program, it loads a file in its
 * own process and prints the shares as JSON.
 */

import { type Profiler, Session } from 'node:inspector/promises';
import { results } from '../../datasets/results.ts';
import type { BegunLoad, LoadEvent } from '../../functions/core/messages.ts';
import { planSource } from '../../functions/core/steps/fetch.ts';
import { type LoadMark, loadChunk } from '../../functions/core/steps/load.ts';
import { s3Client } from '../../functions/core/storage/aws.ts';
import { pinSource } from '../../functions/core/storage/source.ts';
import { BatchWriter } from '../../functions/core/table/batch-write.ts';
import { documentClient } from '../../functions/core/table/connections.ts';
import { MAX_IN_FLIGHT, TableWriter } from '../../functions/core/table/table-writer.ts';
import { keyOf } from '../measure/counting-endpoints.ts';
import { MEASURED, ObservedWorkspace, pin } from '../measure/processes.ts';

/** The shares of the CPU time by the purpose of the code, without the idle time. */
export type Profile = Readonly<Record<string, number>>;

/** The size of the file, in bytes. */
const FILE_BYTES = 40e6;

/** The time that the load may take, in milliseconds. */
const LOAD_MS = 300_000;

/** The purposes of the code, by the path of its file. The first match counts. */
const PURPOSES: readonly (readonly [string, RegExp])[] = [
  ['signing requests', /crypto|core\/\w+\/signature\.ts$/],
  ['splitting into records and fields', /core\/\w+\/(framing|records|encoding|text)\.ts$/],
  ['checking cells, making items', /core\/\w+\/(check|dataset|columns|numbers|dates|load)\.ts$/],
  ['building requests', /core\/\w+\/(batch-write|attributes|requests)\.ts$|^node:(internal\/)?buffer$/],
  ['pacing requests', /core\/\w+\/(table-writer|write-rate)\.ts$/],
  ["Node's HTTP, sockets, streams and timers", /^node:|core\/\w+\/connections\.ts$/],
  ["the SDK's S3 client", /node_modules/],
];

/** Adds up the samples of a profile. */
export function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Profile {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const purposeOf = (id: number | undefined): string => {
    const call = id === undefined ? undefined : byId.get(id)?.callFrame;
    if (call === undefined) return 'the rest';
    if (call.functionName === '(garbage collector)') return 'collecting garbage';
    // A function that is built into V8 counts as its caller.
    if (call.url === '') return purposeOf(id === undefined ? undefined : parents.get(id));
    return PURPOSES.find(([, files]) => files.test(call.url))?.[0] ?? 'the rest';
  };
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    if (byId.get(id)?.callFrame.functionName === '(idle)') continue;
    const purpose = purposeOf(id);
    times.set(purpose, (times.get(purpose) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const all = [...times.values()].reduce((sum, each) => sum + each, 0);
  const sorted = [...times].sort(([, one], [, other]) => other - one);
  return Object.fromEntries(sorted.map(([purpose, time]) => [purpose, time / all]));
}

async function load(): Promise<void> {
  const s3 = s3Client();
  const object = { bucket: 'source', key: keyOf(FILE_BYTES) };
  const { source } = await pinSource(s3, object);
  const { chunks, ...plan } = await planSource(s3, source, results, 40);
  for (const { start, end } of chunks) {
    const work = { chunk: { start, end }, repeated: [], dataEnd: plan.format.size, writesPerSecond: null };
    const event: LoadEvent & BegunLoad = {
      ...plan,
      ...work,
      execution: 'profile',
      feed: null,
      load: '1-profile',
    };
    const remaining = () => LOAD_MS;
    const settings = {
      writesPerSecond: null,
      initialRate: 1e6,
      remaining,
      unanswered: () => undefined,
    };
    const writer = new TableWriter<LoadMark>(
      new BatchWriter(documentClient(MAX_IN_FLIGHT), 'rows', results.key),
      settings,
    );
    await loadChunk(s3, writer, event, results, { reportsBucket: 'reports', hasTime: () => true });
  }
}

async function run(): Promise<void> {
  const workspace = new ObservedWorkspace();
  try {
    const port = await workspace.start('bench/measure/endpoints-process.ts', [''], {});
    pin(process.pid, MEASURED);
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await load();
    const { profile } = await session.post('Profiler.stop');
    process.stdout.write(`${JSON.stringify(sharesOf(profile))}\n`);
  } finally {
    await workspace.close();
  }
}

if (import.meta.main) void run();
