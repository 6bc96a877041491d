import { datasetNamed } from '../../datasets/index.ts';
import { s3Client } from '../core/aws.ts';
import { findDuplicates } from '../core/duplicates.ts';
import { lambdaHandler } from '../core/log.ts';
import type { DuplicatesEvent, Verdict } from '../core/messages.ts';
import { assertOwnBucket, setting } from '../core/settings.ts';
import { timeLeft } from '../core/time.ts';

const s3 = s3Client();

/** Finds the rows that lose to later ones with the same key. */
export const handler = lambdaHandler<DuplicatesEvent, Verdict>((event, context) => {
  assertOwnBucket(event.source.bucket);
  return findDuplicates(s3, event, datasetNamed(event.format.dataset), {
    reportsBucket: setting('REPORTS_BUCKET'),
    mayGoOn: timeLeft(context),
  });
});
