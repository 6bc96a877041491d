import { datasetNamed } from '../../datasets/index.ts';
import { ledgerClient, s3Client } from '../core/aws.ts';
import { findDuplicates } from '../core/duplicates.ts';
import { underLease } from '../core/lease.ts';
import { lambdaHandler } from '../core/log.ts';
import type { DuplicatesEvent, Verdict } from '../core/messages.ts';
import { assertOwnBucket, ledgerEntry, setting } from '../core/settings.ts';
import { timeLeft } from '../core/time.ts';

const s3 = s3Client();
const ledger = ledgerClient();

/** Finds the rows that lose to later ones with the same key. */
export const handler = lambdaHandler<DuplicatesEvent, Verdict>((event, context) => {
  const { source, execution, format } = event;
  assertOwnBucket(source.bucket);
  return underLease(ledgerEntry(ledger, source, execution), context, () =>
    findDuplicates(s3, event, datasetNamed(format.dataset), {
      reportsBucket: setting('REPORTS_BUCKET'),
      mayGoOn: timeLeft(context),
    }),
  );
});
