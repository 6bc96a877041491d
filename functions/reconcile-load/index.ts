import { isPlain } from '../core/csv/encoding.ts';
import { removeParts } from '../core/csv/parts.ts';
import { outcomesOf } from '../core/dataset/load.ts';
import type { BegunLoad, ReconcileEvent } from '../core/messages.ts';
import { countRows, metricOf } from '../core/runtime/metrics.ts';
import { reconcile } from '../core/steps/reconcile.ts';
import { s3Client } from '../core/storage/aws.ts';
import { task } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();

/** Fails unless every row that was read is in one of the counts; deletes the parts of a rewritten file. */
export const handler = task(
  manifest,
  async (event: ReconcileEvent & BegunLoad, { entry, dataset, settings }) => {
    const { execution, format, chunks } = event;
    const { reportsBucket, environment } = settings;
    const result = await reconcile(s3, event, dataset, reportsBucket, entry.ofLoad(event.load));
    const counted = outcomesOf(dataset.load).map((outcome) => [metricOf(outcome), result[outcome] ?? 0]);
    countRows(environment, dataset.name, {
      ...Object.fromEntries(counted),
      RowsDuplicate: result.duplicates,
    });
    if (!isPlain(format)) await removeParts(s3, { bucket: reportsBucket, execution }, chunks);
    return result;
  },
  'LOADING',
);
