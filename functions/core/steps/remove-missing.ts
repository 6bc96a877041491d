/** Deletes the items whose keys the file lacks. */

import type { S3Client } from '@aws-sdk/client-s3';
import { keyFrom, type TableKey } from '../dataset/shape/table-key.ts';
import type { Removal, RemoveEvent } from '../messages.ts';
import type { StepSettings } from '../runtime/time.ts';
import type { TableWriter } from '../table/table-writer.ts';
import { readRemovedKeys, removedLists } from '../working/removed-keys.ts';

/** How far the removal has got: the list to resume in, and the keys of it that are deleted. */
export type RemovalMark = Pick<Removal, 'list' | 'key'>;

/** Keys after which the remaining time is checked. */
const CHECK_KEYS = 1_000;

/**
 * Deletes the keys that CompareIndex has listed, in the order of the lists, until all are deleted or the time runs out. No
 * write is in flight when it ends, even with an error.
 * @throws LoadTimeoutError when the time runs out before the table has accepted anything.
 */
export async function removeMissing(
  s3: S3Client,
  writer: Pick<TableWriter<RemovalMark>, 'put' | 'close' | 'stop'>,
  { execution, load, removal }: RemoveEvent,
  tableKey: TableKey,
  { reportsBucket, hasTime }: StepSettings,
): Promise<Removal> {
  const lists = await removedLists(s3, { bucket: reportsBucket, execution, load });
  let { list, key: first } = removal;
  let mark: RemovalMark = { list, key: first };
  try {
    for (; list < lists.length && hasTime(); list += 1) {
      const keys = await readRemovedKeys(s3, reportsBucket, lists[list] ?? '');
      for (const [index, key] of keys.entries()) {
        if (index < first) continue;
        if (index % CHECK_KEYS === 0 && !hasTime()) break;
        mark = index + 1 === keys.length ? { list: list + 1, key: 0 } : { list, key: index + 1 };
        const wait = writer.put(keyFrom(tableKey, key), mark);
        if (wait !== undefined) await wait;
      }
      first = 0;
    }
    const { mark: reached, deleted = 0 } = await writer.close(mark);
    const done = reached.list >= lists.length;
    return { ...removal, ...reached, removed: removal.removed + deleted, done };
  } finally {
    await writer.stop();
  }
}
