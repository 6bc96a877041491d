/** Lists the keys that a load has added, changed and removed, as CompareIndex found them. */

import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { Dataset } from '../dataset/dataset.ts';
import type { ChangesEvent, ChangesProgress } from '../messages.ts';
import type { StepSettings } from '../runtime/time.ts';
import { classified } from '../storage/aws.ts';
import { changedLists, changesHeader, readChangedKeys } from '../working/changed-keys.ts';
import { fileName, reportFolder } from '../working/summary.ts';

export interface ChangesSettings extends StepSettings {
  readonly maxFileRows: number;
}

/**
 * Continues the list of changes, one file after the other, until all are listed or the time runs out. It holds one of
 * the lists of CompareIndex, of a few megabytes.
 * @throws Error when there are fewer or more changes in the lists than CompareIndex has counted.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function reportChanges(
  s3: S3Client,
  { execution, source, load, changes }: ChangesEvent,
  { key }: Pick<Dataset, 'key'>,
  { reportsBucket, hasTime, maxFileRows }: ChangesSettings,
): Promise<ChangesProgress> {
  const lists = await changedLists(s3, { bucket: reportsBucket, execution, load });
  const folder = reportFolder(source, execution);
  let { list, listed, files } = changes;

  /** The lines of a file, until it has enough rows or the time runs out. */
  async function* lines(): AsyncGenerator<Buffer, void> {
    yield Buffer.from(changesHeader(key));
    for (let rows = 0; list < lists.length; list += 1) {
      const next = await readChangedKeys(s3, reportsBucket, lists[list] ?? '');
      if (rows > 0 && (rows + next.rows > maxFileRows || !hasTime())) return;
      yield next.lines;
      rows += next.rows;
      listed += next.rows;
    }
  }

  do {
    files += 1;
    const Key = `${folder}/${fileName('changes', files)}`;
    const upload = new Upload({
      client: s3,
      queueSize: 1,
      params: {
        Bucket: reportsBucket,
        Key,
        Body: Readable.from(lines(), { objectMode: false }),
        ContentType: 'text/csv; charset=utf-8',
      },
    });
    await upload.done().catch((error: unknown) => {
      throw classified(error, `Writing s3://${reportsBucket}/${Key}`);
    });
  } while (list < lists.length && hasTime());

  const done = list === lists.length;
  if (done && listed !== changes.expected) {
    throw new Error(`The list has ${listed} changes, but the comparison counted ${changes.expected}.`);
  }
  return { ...changes, done, listed, list, files };
}
