import { datasetNamed } from '../../datasets/index.ts';
import { documentClient, s3Client } from '../core/aws.ts';
import { type LoadMark, loadChunk } from '../core/load.ts';
import { lambdaHandler } from '../core/log.ts';
import type { LoadEvent, LoadedChunk } from '../core/messages.ts';
import { assertOwnBucket, setting, tableOf } from '../core/settings.ts';
import { MOST_UNDER_WAY, TableWriter } from '../core/table-writer.ts';
import { timeLeft } from '../core/time.ts';

const s3 = s3Client();
const client = documentClient(MOST_UNDER_WAY);

/** Writes the accepted rows of a chunk to the table. */
export const handler = lambdaHandler<LoadEvent, LoadedChunk>((event, context) => {
  assertOwnBucket(event.source.bucket);
  const dataset = datasetNamed(event.format.dataset);
  const writer = new TableWriter<LoadMark>(client, {
    table: tableOf(dataset.name),
    writesPerSecond: event.writesPerSecond,
    remaining: () => context.getRemainingTimeInMillis(),
  });
  return loadChunk(s3, writer, event, dataset, {
    reportsBucket: setting('REPORTS_BUCKET'),
    mayGoOn: timeLeft(context),
  });
});
