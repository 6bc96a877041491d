import { datasetNamed } from '../../datasets/index.ts';
import { s3Client } from '../core/aws.ts';
import { lambdaHandler } from '../core/log.ts';
import { isPlain, type PipelineResult, type ReconcileEvent } from '../core/messages.ts';
import { removeParts } from '../core/packed.ts';
import { reconcile } from '../core/reconcile.ts';
import { assertOwnBucket, setting } from '../core/settings.ts';

const s3 = s3Client();

/** Fails unless every row that was read is loaded, rejected or a duplicate; removes what was rewritten. */
export const handler = lambdaHandler<ReconcileEvent, PipelineResult>(async (event) => {
  assertOwnBucket(event.source.bucket);
  const reportsBucket = setting('REPORTS_BUCKET');
  const result = await reconcile(s3, event, datasetNamed(event.format.dataset), reportsBucket);
  if (!isPlain(event.format)) {
    await removeParts(s3, { bucket: reportsBucket, execution: event.execution }, event.chunks);
  }
  return result;
});
