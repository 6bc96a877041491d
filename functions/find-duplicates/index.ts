import { datasetNamed } from '../../datasets/index.ts';
import { underLease } from '../core/ledger/lease.ts';
import type { DuplicatesEvent, Verdict } from '../core/messages.ts';
import { lambdaHandler } from '../core/runtime/log.ts';
import { assertOwnBucket, ledgerEntry, setting } from '../core/runtime/settings.ts';
import { timeLeft } from '../core/runtime/time.ts';
import { findDuplicates } from '../core/steps/find-duplicates.ts';
import { ledgerClient, s3Client } from '../core/storage/aws.ts';

const s3 = s3Client();
const ledger = ledgerClient();

/** Finds the rows that lose to later ones with the same key. */
export const handler = lambdaHandler<DuplicatesEvent, Verdict>((event, context) => {
  const { source, execution, format } = event;
  assertOwnBucket(source.bucket);
  return underLease(ledgerEntry(ledger, source, execution), context, () =>
    findDuplicates(s3, event, datasetNamed(format.dataset), {
      reportsBucket: setting('REPORTS_BUCKET'),
      hasTime: timeLeft(context),
    }),
  );
});
