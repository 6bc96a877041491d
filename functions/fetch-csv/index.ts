import { datasetNamed } from '../../datasets/index.ts';
import { s3Client } from '../core/aws.ts';
import { fetchCsv, scanCsv } from '../core/fetch.ts';
import { lambdaHandler } from '../core/log.ts';
import type { FetchEvent, FetchResult, ScanEvent } from '../core/messages.ts';
import { assertOwnBucket, countSetting, datasetAt, setting } from '../core/settings.ts';
import { timeLeft } from '../core/time.ts';

const s3 = s3Client();

/** Pins one version of the object and cuts it into chunks of whole records; exactly, when it is given a plan. */
export const handler = lambdaHandler<FetchEvent | ScanEvent, FetchResult>((event, context) => {
  const maxChunks = countSetting('MAX_CHUNKS');
  if (!('plan' in event)) return fetchCsv(s3, event.input, (key) => datasetNamed(datasetAt(key)), maxChunks);
  assertOwnBucket(event.source.bucket);
  return scanCsv(s3, event, {
    reportsBucket: setting('REPORTS_BUCKET'),
    maxChunks,
    maxUnpackedBytes: countSetting('MAX_UNPACKED_BYTES'),
    mayGoOn: timeLeft(context),
  });
});
