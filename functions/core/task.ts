/** What all handlers share: logging, settings, the check of the bucket, the ledger entry, the lease and the dataset. */

import { datasetNamed } from '../../datasets/index.ts';
import { type Dataset, ofUpload } from './dataset/dataset.ts';
import { InvalidInputError } from './errors.ts';
import { feedName } from './ledger/feed-name.ts';
import { orSuperseded, underLease } from './ledger/lease.ts';
import { LedgerEntry } from './ledger/ledger.ts';
import { StoredEntry } from './ledger/stored-entry.ts';
import type { Chunk, ChunkJob, Job, MaybeSuperseded } from './messages.ts';
import { type LambdaContext, lambdaHandler } from './runtime/log.ts';
import type { Manifest, SettingsOf } from './runtime/manifest.ts';
import { type CommonSettings, readSettings } from './runtime/settings.ts';
import { hasTimeLeft } from './runtime/time.ts';
import { ledgerClient } from './storage/aws.ts';

/** What a handler's work receives besides its event. */
export interface Tools<M extends Manifest> {
  readonly settings: SettingsOf<M> & CommonSettings;
  /** The execution's access to the ledger entry of its object, or of the feed that the object belongs to. */
  readonly entry: LedgerEntry;
  readonly context: LambdaContext;
  /** Whether the function has time for more. */
  readonly hasTime: () => boolean;
}

export interface JobTools<M extends Manifest> extends Tools<M> {
  readonly dataset: Dataset;
}

const ledger = ledgerClient();

/**
 * The tools for an execution's work on an object.
 * @throws ConfigurationError when the function's settings are missing or invalid.
 * @throws InvalidInputError when the object is in another bucket, so that no input can point the function at it.
 */
export function toolsFor<const M extends Manifest>(
  manifest: M,
  {
    execution,
    object,
    dataset,
  }: {
    readonly execution: string;
    readonly object: { bucket: string; key: string };
    readonly dataset: Dataset;
  },
  context: LambdaContext,
): Tools<M> {
  const settings = readSettings(manifest, process.env);
  const { sourceBucket, ledgerTable }: CommonSettings = settings;
  if (object.bucket !== sourceBucket) {
    throw new InvalidInputError(
      `The input names the bucket ${object.bucket}, but this pipeline reads only from ${sourceBucket}. Upload the file there.`,
    );
  }
  const item = new StoredEntry(ledger, ledgerTable, feedName(dataset, object));
  const entry = new LedgerEntry(item, object, execution);
  return { settings, entry, context, hasTime: () => hasTimeLeft(context) };
}

type Work<M extends Manifest, Event, Result> = (event: Event, tools: JobTools<M>) => Promise<Result>;
type Handler<Event, Result> = (event: Event, context: LambdaContext) => Promise<Result>;

/** A handler that works on a job and renews the lease itself. */
export function jobHandler<const M extends Manifest, Event extends Job, Result>(
  manifest: M,
  work: Work<M, Event, Result>,
): Handler<Event, Result> {
  return lambdaHandler((event, context) => {
    const { execution, source, format } = event;
    const dataset = ofUpload(datasetNamed(format.dataset), source);
    const tools = toolsFor(manifest, { execution, object: source, dataset }, context);
    // Executions whose definition is from before the index pass none.
    const job = { ...event, feed: event.feed ?? null };
    return work(job, { ...tools, dataset });
  });
}

/** A handler that works on a job under its execution's lease. */
export function task<const M extends Manifest, Event extends Job, Result>(
  manifest: M,
  work: Work<M, Event, Result>,
  status: 'CHECKING' | 'LOADING' = 'CHECKING',
): Handler<Event, Result> {
  return jobHandler(manifest, (event: Event, tools) =>
    underLease(tools.entry, tools.context, () => work(event, tools), status),
  );
}

/**
 * A handler that works on a chunk in a Map and renews the lease itself. When another execution has claimed the upload,
 * it returns the chunk unchanged.
 * @param withCounts adds counts to a chunk that no invocation has worked on yet.
 */
export function chunkTask<const M extends Manifest, Event extends ChunkJob, Result extends Chunk>(
  manifest: M,
  withCounts: (chunk: Event['chunk']) => Result,
  work: Work<M, Event, Result>,
): Handler<Event, Result & MaybeSuperseded> {
  return jobHandler(manifest, (event: Event, tools) =>
    orSuperseded(withCounts(event.chunk), work(event, tools)),
  );
}
