/** Whether the buckets that a plan makes can be made: one that cannot would leave the rest half made. */

import { HeadBucketCommand, NotFound, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { type Plan, plannedChanges } from './drift.ts';
import { DeployError } from './errors.ts';

const bucket = z.object({ bucket: z.string() });

/** @throws DeployError that names the first bucket which is someone's already. */
export async function checkBuckets(plan: Plan, s3: S3Client): Promise<void> {
  for (const { type, change } of plannedChanges(plan)) {
    if (type !== 'aws_s3_bucket' || change.actions.join() !== 'create') continue;
    const { bucket: name } = bucket.parse(change.after);
    if (await exists(s3, name)) {
      throw new DeployError(
        `There is a bucket ${name} already, and it is not in this environment's state. If it is yours, delete it, or take it over with terraform import; if not, give the environment another name. Nothing was made.`,
      );
    }
  }
}

async function exists(s3: S3Client, name: string): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: name }));
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    // Someone else's: S3 forbids to look at it, or says that it is in another region.
    const status = z.object({ $metadata: z.object({ httpStatusCode: z.number() }) }).safeParse(error);
    if (status.success && [301, 400, 403].includes(status.data.$metadata.httpStatusCode)) return true;
    throw error;
  }
}
