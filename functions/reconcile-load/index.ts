import { datasetNamed } from '../../datasets/index.ts';
import { ledgerClient, s3Client } from '../core/aws.ts';
import { underLease } from '../core/lease.ts';
import { lambdaHandler } from '../core/log.ts';
import { isPlain, type PipelineResult, type ReconcileEvent } from '../core/messages.ts';
import { countRows } from '../core/metrics.ts';
import { removeParts } from '../core/packed.ts';
import { reconcile } from '../core/reconcile.ts';
import { assertOwnBucket, ledgerEntry, setting } from '../core/settings.ts';

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
