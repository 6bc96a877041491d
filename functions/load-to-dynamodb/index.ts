import { datasetNamed } from '../../datasets/index.ts';
import { asWriter, orSuperseded } from '../core/ledger/lease.ts';
import type { LoadEvent, LoadedChunk, MaybeSuperseded } from '../core/messages.ts';
import { lambdaHandler } from '../core/runtime/log.ts';
import { assertOwnBucket, ledgerEntry, setting, tableOf } from '../core/runtime/settings.ts';
import { timeLeft } from '../core/runtime/time.ts';
import { type LoadMark, loadChunk } from '../core/steps/load.ts';
import { documentClient, ledgerClient, s3Client } from '../core/storage/aws.ts';
import { MAX_IN_FLIGHT, TableWriter } from '../core/table/table-writer.ts';

const s3 = s3Client();
const ledger = ledgerClient();
const client = documentClient(MAX_IN_FLIGHT);

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
      initialRate: last?.execution === execution ? last.rate : undefined,
      remaining: () => (isMine() ? context.getRemainingTimeInMillis() : 0),
      unanswered,
    });
    const written = await loadChunk(s3, writer, event, dataset, {
      reportsBucket: setting('REPORTS_BUCKET'),
      hasTime: () => isMine() && hasTime(),
    });
    last = { execution, rate: writer.rate };
    return written;
  });
  return orSuperseded(chunk, loaded);
});
