import { datasetNamed } from '../../datasets/index.ts';
import { s3Client } from '../core/aws.ts';
import { lambdaHandler } from '../core/log.ts';
import type { ValidatedChunk, ValidateEvent } from '../core/messages.ts';
import { assertOwnBucket, setting } from '../core/settings.ts';
import { timeLeft } from '../core/time.ts';
import { validateChunk } from '../core/validate.ts';

const s3 = s3Client();

/** Checks every row of a chunk. */
export const handler = lambdaHandler<ValidateEvent, ValidatedChunk>((event, context) => {
  assertOwnBucket(event.source.bucket);
  return validateChunk(s3, event, datasetNamed(event.format.dataset), {
    reportsBucket: setting('REPORTS_BUCKET'),
    mayGoOn: timeLeft(context),
  });
});
