import { datasetNamed } from '../../datasets/index.ts';
import { documentClient, ledgerClient, s3Client } from '../core/aws.ts';
import { asWriter, orSuperseded } from '../core/lease.ts';
import { type LoadMark, loadChunk } from '../core/load.ts';
import { lambdaHandler } from '../core/log.ts';
import type { LoadEvent, LoadedChunk, MaybeSuperseded } from '../core/messages.ts';
import { assertOwnBucket, ledgerEntry, setting, tableOf } from '../core/settings.ts';
import { MOST_UNDER_WAY, TableWriter } from '../core/table-writer.ts';
import { timeLeft } from '../core/time.ts';

const s3 = s3Client();
const ledger = ledgerClient();
const client = documentClient(MOST_UNDER_WAY);

/** The last load that this environment had a part in, and the writes a second that it came to. */
let last: { readonly execution: string; readonly rate: number } | undefined;

/** Writes the accepted rows of a chunk to the table. */
export const handler = lambdaHandler<LoadEvent, LoadedChunk & MaybeSuperseded>((event, context) => {
  const { source, execution, format, chunk, writesPerSecond } = event;
  assertOwnBucket(source.bucket);
  const dataset = datasetNamed(format.dataset);
  const hasTime = timeLeft(context);
  const loaded = asWriter(ledgerEntry(ledger, source, execution), context, async (isMine, unanswered) => {
    const writer = new TableWriter<LoadMark>(client, {
      table: tableOf(dataset.name),
      writesPerSecond,
      firstRate: last?.execution === execution ? last.rate : undefined,
      remaining: () => (isMine() ? context.getRemainingTimeInMillis() : 0),
      unanswered,
    });
    const written = await loadChunk(s3, writer, event, dataset, {
      reportsBucket: setting('REPORTS_BUCKET'),
      mayGoOn: () => isMine() && hasTime(),
    });
    last = { execution, rate: writer.rate };
    return written;
  });
  return orSuperseded(chunk, loaded);
});
