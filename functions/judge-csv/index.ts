import type { JudgeEvent } from '../core/messages.ts';
import { judge } from '../core/steps/judge.ts';
import { s3Client } from '../core/storage/aws.ts';
import { task } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();

/** Decides from the results of all chunks whether the file may be loaded. */
export const handler = task(manifest, (event: JudgeEvent, { dataset, settings }) =>
  judge(s3, event, dataset, settings),
);
