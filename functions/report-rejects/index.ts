import { datasetNamed } from '../../datasets/index.ts';
import { ledgerClient, s3Client } from '../core/aws.ts';
import { underLease } from '../core/lease.ts';
import { lambdaHandler } from '../core/log.ts';
import type { ReportEvent, ReportProgress } from '../core/messages.ts';
import { countRows } from '../core/metrics.ts';
import { MAX_FILE_ROWS, reportRejects } from '../core/report.ts';
import { assertOwnBucket, ledgerEntry, setting } from '../core/settings.ts';
import { timeLeft } from '../core/time.ts';

const s3 = s3Client();
const ledger = ledgerClient();

/** Lists the rejected rows; throws when there are more than are tolerated. */
export const handler = lambdaHandler<ReportEvent, ReportProgress>((event, context) => {
  const { source, execution, format } = event;
  assertOwnBucket(source.bucket);
  return underLease(ledgerEntry(ledger, source, execution), context, () =>
    reportRejects(s3, event, datasetNamed(format.dataset), {
      reportsBucket: setting('REPORTS_BUCKET'),
      maxFileRows: MAX_FILE_ROWS,
      mayGoOn: timeLeft(context),
      onListed: (rejected) => countRows(format.dataset, { RowsRejected: rejected }),
    }),
  );
});
