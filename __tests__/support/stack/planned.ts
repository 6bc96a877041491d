import type { S3Client } from '@aws-sdk/client-s3';
import type { Dataset } from '../../../functions/core/dataset/dataset.ts';
import type { FetchResult } from '../../../functions/core/messages.ts';
import { planSource } from '../../../functions/core/steps/fetch.ts';
import { pinSource } from '../../../functions/core/storage/source.ts';

/** Plans an object's newest version, with at most ten chunks. */
export async function planned(
  s3: S3Client,
  object: { readonly bucket: string; readonly key: string },
  dataset: Dataset,
): Promise<FetchResult> {
  const { source } = await pinSource(s3, object);
  return { feed: null, ...(await planSource(s3, source, dataset, 10)) };
}
