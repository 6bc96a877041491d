import { documentClient, s3Client } from '../core/aws.ts';
import { loadChunk } from '../core/load.ts';
import { lambdaHandler } from '../core/log.ts';
import type { LoadEvent, LoadedChunk } from '../core/messages.ts';
import { assertOwnBucket, setting } from '../core/settings.ts';
import { TableWriter } from '../core/table-writer.ts';

/** Batches under way at once: enough to hide the time that a request takes, few enough for the table's sake. */
const CONCURRENCY = 8;

const s3 = s3Client();
const client = documentClient(CONCURRENCY);

/** Writes the accepted rows of a chunk to the table. */
export const handler = lambdaHandler<LoadEvent, LoadedChunk>((event, context) => {
  assertOwnBucket(event.source.bucket);
  const writer = new TableWriter(client, {
    table: setting('TABLE_NAME'),
    concurrency: CONCURRENCY,
    remaining: () => context.getRemainingTimeInMillis(),
  });
  return loadChunk(s3, writer, event, setting('REPORTS_BUCKET'));
});
