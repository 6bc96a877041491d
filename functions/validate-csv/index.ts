import { datasetNamed } from '../../datasets/index.ts';
import { orSuperseded, underLease } from '../core/ledger/lease.ts';
import type { MaybeSuperseded, ValidatedChunk, ValidateEvent } from '../core/messages.ts';
import { lambdaHandler } from '../core/runtime/log.ts';
import { assertOwnBucket, ledgerEntry, setting } from '../core/runtime/settings.ts';
import { timeLeft } from '../core/runtime/time.ts';
import { validateChunk } from '../core/steps/validate.ts';
import { ledgerClient, s3Client } from '../core/storage/aws.ts';

const s3 = s3Client();
const ledger = ledgerClient();

/** Checks every row of a chunk. */
export const handler = lambdaHandler<ValidateEvent, ValidatedChunk & MaybeSuperseded>((event, context) => {
  const { source, execution, format, chunk } = event;
  assertOwnBucket(source.bucket);
  const validated = underLease(ledgerEntry(ledger, source, execution), context, () =>
    validateChunk(s3, event, datasetNamed(format.dataset), {
      reportsBucket: setting('REPORTS_BUCKET'),
      hasTime: timeLeft(context),
    }),
  );
  return orSuperseded(chunk, validated);
});
