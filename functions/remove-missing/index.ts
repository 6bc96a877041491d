import { asWriter } from '../core/ledger/lease.ts';
import type { RemoveEvent } from '../core/messages.ts';
import { tableFor } from '../core/runtime/routing.ts';
import { type RemovalMark, removeMissing } from '../core/steps/remove-missing.ts';
import { s3Client } from '../core/storage/aws.ts';
import { BatchWriter, deleteOf } from '../core/table/batch-write.ts';
import { documentClient } from '../core/table/connections.ts';
import { MAX_IN_FLIGHT, TableWriter } from '../core/table/table-writer.ts';
import { jobHandler } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();
const client = documentClient(MAX_IN_FLIGHT);

/** Deletes the items whose keys the file lacks. */
export const handler = jobHandler(
  manifest,
  (event: RemoveEvent, { entry, context, dataset, settings, hasTime }) =>
    asWriter(entry.ofLoad(event.load), context, (isOwner, unanswered) => {
      const table = tableFor(settings.tables, dataset.name);
      const { key } = dataset;
      const deletes = new BatchWriter(client, table, key, (item) => deleteOf(key, item));
      const writer = new TableWriter<RemovalMark>(deletes, {
        writesPerSecond: settings.maxWritesPerSecond ?? null,
        remaining: () => (isOwner() ? context.getRemainingTimeInMillis() : 0),
        unanswered,
      });
      const { reportsBucket } = settings;
      return removeMissing(s3, writer, event, key, { reportsBucket, hasTime: () => isOwner() && hasTime() });
    }),
);
