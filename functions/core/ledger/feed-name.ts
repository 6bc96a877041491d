/** Names the uploads that follow each other. */

import type { Dataset } from '../dataset/dataset.ts';
import { s3Uri } from '../storage/source.ts';

/**
 * The name of an upload's feed, which its item in the ledger and its index have: the object's URI, or the dataset's name
 * if all files of the dataset are one feed. No object has a URI that begins like that. Neither does it contain the
 * dataset's prefix, since the table, and what the feed has in it, stay the same if that changes.
 */
export function feedName(
  { name, load }: Pick<Dataset, 'name' | 'load'>,
  object: { readonly bucket: string; readonly key: string },
): string {
  return load.feed === 'dataset' ? `dataset:${name}` : s3Uri(object);
}
