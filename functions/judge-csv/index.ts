import { datasetNamed } from '../../datasets/index.ts';
import { ledgerClient, s3Client } from '../core/aws.ts';
import { judge } from '../core/judge.ts';
import { underLease } from '../core/lease.ts';
import { lambdaHandler } from '../core/log.ts';
import type { JudgeEvent, Verdict } from '../core/messages.ts';
import { assertOwnBucket, countSetting, ledgerEntry, optionalCountSetting } from '../core/settings.ts';

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
