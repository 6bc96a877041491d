import { datasetNamed } from '../../datasets/index.ts';
import { underLease } from '../core/ledger/lease.ts';
import type { JudgeEvent, Verdict } from '../core/messages.ts';
import { lambdaHandler } from '../core/runtime/log.ts';
import {
  assertOwnBucket,
  countSetting,
  ledgerEntry,
  optionalCountSetting,
} from '../core/runtime/settings.ts';
import { judge } from '../core/steps/judge.ts';
import { ledgerClient, s3Client } from '../core/storage/aws.ts';

const s3 = s3Client();
const ledger = ledgerClient();

/** Decides from all chunks together whether the file may be loaded. */
export const handler = lambdaHandler<JudgeEvent, Verdict>((event, context) => {
  const { source, execution, format } = event;
  assertOwnBucket(source.bucket);
  return underLease(ledgerEntry(ledger, source, execution), context, () =>
    judge(s3, event, datasetNamed(format.dataset), {
      maxWritesPerSecond: optionalCountSetting('MAX_WRITES_PER_SECOND'),
      loadConcurrency: countSetting('LOAD_CONCURRENCY'),
    }),
  );
});
