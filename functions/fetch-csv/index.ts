import { datasetNamed } from '../../datasets/index.ts';
import { claimUpload } from '../core/ledger/claim.ts';
import { parseInput } from '../core/ledger/input.ts';
import { leaseOf, noted, underLease } from '../core/ledger/lease.ts';
import type { FetchEvent, FetchResult, PlannedUpload, ScanEvent, StandingResult } from '../core/messages.ts';
import { type LambdaContext, lambdaHandler } from '../core/runtime/log.ts';
import { assertOwnBucket, countSetting, datasetAt, ledgerEntry, setting } from '../core/runtime/settings.ts';
import { timeLeft } from '../core/runtime/time.ts';
import { planSource, scanCsv } from '../core/steps/fetch.ts';
import { ledgerClient, s3Client } from '../core/storage/aws.ts';

const s3 = s3Client();
const client = ledgerClient();

const claim = lambdaHandler<FetchEvent, PlannedUpload | StandingResult>(async (event, context) => {
  const upload = parseInput(event.input);
  assertOwnBucket(upload.bucket);
  const dataset = datasetNamed(datasetAt(upload.key));
  const entry = ledgerEntry(client, upload, event.execution);
  const entered = await claimUpload(s3, entry, upload, leaseOf(context));
  if ('outcome' in entered) return entered;
  return noted(entry, async () => ({
    outcome: 'plan',
    ...(await planSource(s3, entered.source, dataset, countSetting('MAX_CHUNKS'))),
  }));
});

const scan = lambdaHandler<ScanEvent, FetchResult>((event, context) => {
  assertOwnBucket(event.source.bucket);
  return underLease(ledgerEntry(client, event.source, event.execution), context, () =>
    scanCsv(s3, event, {
      reportsBucket: setting('REPORTS_BUCKET'),
      maxChunks: countSetting('MAX_CHUNKS'),
      maxDecompressedBytes: countSetting('MAX_DECOMPRESSED_BYTES'),
      hasTime: timeLeft(context),
    }),
  );
});

/** Enters an upload and cuts it into chunks of whole records; exactly, when it is given a plan. */
export function handler(event: FetchEvent, context: LambdaContext): Promise<PlannedUpload | StandingResult>;
export function handler(event: ScanEvent, context: LambdaContext): Promise<FetchResult>;
export function handler(
  event: FetchEvent | ScanEvent,
  context: LambdaContext,
): Promise<PlannedUpload | StandingResult | FetchResult> {
  return 'plan' in event ? scan(event, context) : claim(event, context);
}
