import { datasetNamed } from '../../datasets/index.ts';
import { s3Client } from '../core/aws.ts';
import { judge } from '../core/judge.ts';
import { lambdaHandler } from '../core/log.ts';
import type { JudgeEvent, Verdict } from '../core/messages.ts';
import { assertOwnBucket, countSetting, optionalCountSetting } from '../core/settings.ts';

const s3 = s3Client();

/** Decides from all chunks together whether the file may be loaded. */
export const handler = lambdaHandler<JudgeEvent, Verdict>((event) => {
  assertOwnBucket(event.source.bucket);
  return judge(s3, event, datasetNamed(event.format.dataset), {
    maxWritesPerSecond: optionalCountSetting('MAX_WRITES_PER_SECOND'),
    loadConcurrency: countSetting('LOAD_CONCURRENCY'),
  });
});
