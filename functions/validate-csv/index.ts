import { datasetNamed } from '../../datasets/index.ts';
import { ledgerClient, s3Client } from '../core/aws.ts';
import { orSuperseded, underLease } from '../core/lease.ts';
import { lambdaHandler } from '../core/log.ts';
import type { MaybeSuperseded, ValidatedChunk, ValidateEvent } from '../core/messages.ts';
import { assertOwnBucket, ledgerEntry, setting } from '../core/settings.ts';
import { timeLeft } from '../core/time.ts';
import { validateChunk } from '../core/validate.ts';

const s3 = s3Client();
const ledger = ledgerClient();

/** Checks every row of a chunk. */
export const handler = lambdaHandler<ValidateEvent, ValidatedChunk & MaybeSuperseded>((event, context) => {
  const { source, execution, format, chunk } = event;
  assertOwnBucket(source.bucket);
  const validated = underLease(ledgerEntry(ledger, source, execution), context, () =>
    validateChunk(s3, event, datasetNamed(format.dataset), {
      reportsBucket: setting('REPORTS_BUCKET'),
      mayGoOn: timeLeft(context),
    }),
  );
  return orSuperseded(chunk, validated);
});
