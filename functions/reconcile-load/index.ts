import { isPlain } from '../core/csv/encoding.ts';
import { removeParts } from '../core/csv/parts.ts';
import type { BegunLoad, ReconcileEvent } from '../core/messages.ts';
import { countRows } from '../core/runtime/metrics.ts';
import { reconcile } from '../core/steps/reconcile.ts';
import { s3Client } from '../core/storage/aws.ts';
import { task } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();

/** Fails unless every row that was read is loaded, rejected or a duplicate; deletes the parts of a rewritten file. */
export const handler = task(
  manifest,
  async (event: ReconcileEvent & BegunLoad, { entry, dataset, settings }) => {
    const { execution, format, chunks } = event;
    const { reportsBucket, environment } = settings;
    const result = await reconcile(s3, event, dataset, reportsBucket, entry.ofLoad(event.load));
    countRows(environment, dataset.name, { RowsLoaded: result.loaded, RowsDuplicate: result.duplicates });
    if (!isPlain(format)) await removeParts(s3, { bucket: reportsBucket, execution }, chunks);
    return result;
  },
  'LOADING',
);
