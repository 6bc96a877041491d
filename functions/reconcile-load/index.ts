import { datasetNamed } from '../../datasets/index.ts';
import { removeParts } from '../core/csv/compressed.ts';
import { underLease } from '../core/ledger/lease.ts';
import { isPlain, type PipelineResult, type ReconcileEvent } from '../core/messages.ts';
import { lambdaHandler } from '../core/runtime/log.ts';
import { countRows } from '../core/runtime/metrics.ts';
import { assertOwnBucket, ledgerEntry, setting } from '../core/runtime/settings.ts';
import { reconcile } from '../core/steps/reconcile.ts';
import { ledgerClient, s3Client } from '../core/storage/aws.ts';

const s3 = s3Client();
const ledger = ledgerClient();

/** Fails unless every row that was read is loaded, rejected or a duplicate; removes what was rewritten. */
export const handler = lambdaHandler<ReconcileEvent, PipelineResult>((event, context) => {
  const { source, execution, format, chunks } = event;
  assertOwnBucket(source.bucket);
  const reportsBucket = setting('REPORTS_BUCKET');
  const entry = ledgerEntry(ledger, source, execution);
  const work = async () => {
    const result = await reconcile(s3, event, datasetNamed(format.dataset), reportsBucket, entry);
    countRows(format.dataset, { RowsLoaded: result.loaded, RowsDuplicate: result.duplicates });
    if (!isPlain(format)) await removeParts(s3, { bucket: reportsBucket, execution }, chunks);
    return result;
  };
  return underLease(entry, context, work, 'LOADING');
});
