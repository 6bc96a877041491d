/** Checks that a plan's new buckets do not exist yet: Terraform would only fail in the middle of the deploy. */

import { HeadBucketCommand, NotFound, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { type Plan, plannedChanges } from './drift.ts';
import { DeployError } from './errors.ts';

const bucket = z.object({ bucket: z.string() });

/** @throws DeployError that names the first bucket that already exists. */
export async function checkBuckets(plan: Plan, s3: S3Client): Promise<void> {
  for (const { type, change } of plannedChanges(plan)) {
    if (type !== 'aws_s3_bucket' || change.actions.join() !== 'create') continue;
    const { bucket: name } = bucket.parse(change.after);
    if (await exists(s3, name)) {
      throw new DeployError(
        `The bucket ${name} already exists, but not in this environment's state. If it is yours, delete it or adopt it with terraform import; if not, choose another name for the environment. Nothing was created.`,
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
    // For someone else's bucket, S3 denies access, or says that it is in another region.
    const status = z.object({ $metadata: z.object({ httpStatusCode: z.number() }) }).safeParse(error);
    if (status.success && [301, 400, 403].includes(status.data.$metadata.httpStatusCode)) return true;
    throw error;
  }
}
