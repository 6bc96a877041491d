import { asWriter } from '../core/ledger/lease.ts';
import type { BegunLoad, LoadEvent } from '../core/messages.ts';
import { tableFor } from '../core/runtime/routing.ts';
import { type LoadMark, loadChunk, withLoadCounts } from '../core/steps/load.ts';
import { s3Client } from '../core/storage/aws.ts';
import { documentClient } from '../core/table/connections.ts';
import { MAX_IN_FLIGHT, TableWriter } from '../core/table/table-writer.ts';
import { writerFor } from '../core/table/writer-for.ts';
import { chunkTask } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();
const client = documentClient(MAX_IN_FLIGHT);

/** The last load that this execution environment worked on, and the writes per second that it reached. */
let last: { readonly execution: string; readonly rate: number } | undefined;

/** Writes the accepted rows of a chunk to the table. */
export const handler = chunkTask(
  manifest,
  withLoadCounts,
  (event: LoadEvent & BegunLoad, { entry, context, dataset, settings, hasTime }) =>
    asWriter(entry.ofLoad(event.load), context, async (isOwner, unanswered) => {
      const { execution, writesPerSecond } = event;
      const table = tableFor(settings.tables, dataset.name);
      const writer = new TableWriter<LoadMark>(writerFor(client, table, dataset, event), {
        writesPerSecond,
        initialRate: last?.execution === execution ? last.rate : undefined,
        remaining: () => (isOwner() ? context.getRemainingTimeInMillis() : 0),
        unanswered,
      });
      const { reportsBucket } = settings;
      const chunk = await loadChunk(s3, writer, event, dataset, {
        reportsBucket,
        hasTime: () => isOwner() && hasTime(),
      });
      last = { execution, rate: writer.rate };
      return chunk;
    }),
);
