import { datasetNamed } from '../../datasets/index.ts';
import { s3Client } from '../core/aws.ts';
import { lambdaHandler } from '../core/log.ts';
import type { ReportEvent, ReportProgress } from '../core/messages.ts';
import { MAX_FILE_ROWS, reportRejects } from '../core/report.ts';
import { assertOwnBucket, setting } from '../core/settings.ts';
import { timeLeft } from '../core/time.ts';

const s3 = s3Client();

/** Lists the rejected rows; throws when there are more than are tolerated. */
export const handler = lambdaHandler<ReportEvent, ReportProgress>((event, context) => {
  assertOwnBucket(event.source.bucket);
  return reportRejects(s3, event, datasetNamed(event.format.dataset), {
    reportsBucket: setting('REPORTS_BUCKET'),
    maxFileRows: MAX_FILE_ROWS,
    mayGoOn: timeLeft(context),
  });
});
