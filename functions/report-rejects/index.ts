import { datasetNamed } from '../../datasets/index.ts';
import { underLease } from '../core/ledger/lease.ts';
import type { ReportEvent, ReportProgress } from '../core/messages.ts';
import { lambdaHandler } from '../core/runtime/log.ts';
import { countRows } from '../core/runtime/metrics.ts';
import { assertOwnBucket, ledgerEntry, setting } from '../core/runtime/settings.ts';
import { timeLeft } from '../core/runtime/time.ts';
import { MAX_FILE_ROWS, reportRejects } from '../core/steps/report-rejects.ts';
import { ledgerClient, s3Client } from '../core/storage/aws.ts';

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
      hasTime: timeLeft(context),
      onListed: (rejected) => countRows(format.dataset, { RowsRejected: rejected }),
    }),
  );
});
