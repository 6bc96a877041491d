import { datasetNamed } from '../../datasets/index.ts';
import { claimUpload } from '../core/ledger/claim.ts';
import { parseInput } from '../core/ledger/input.ts';
import { leaseOf, noted } from '../core/ledger/lease.ts';
import type { FetchEvent, FetchResult, PlannedUpload, ScanEvent, StandingResult } from '../core/messages.ts';
import { type LambdaContext, lambdaHandler } from '../core/runtime/log.ts';
import { datasetAt } from '../core/runtime/routing.ts';
import { task, toolsFor } from '../core/runtime/task.ts';
import { planSource, scanCsv } from '../core/steps/fetch.ts';
import { s3Client } from '../core/storage/aws.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();

const claim = lambdaHandler<FetchEvent, PlannedUpload | StandingResult>(async (event, context) => {
  const upload = parseInput(event.input);
  const { settings, entry } = toolsFor(manifest, { execution: event.execution, object: upload }, context);
  const dataset = datasetNamed(datasetAt(settings.prefixes, upload.key));
  const claimed = await claimUpload(s3, entry, upload, leaseOf(context));
  if ('outcome' in claimed) return claimed;
  return noted(entry, async () => ({
    outcome: 'plan',
    ...(await planSource(s3, claimed.source, dataset, settings.maxChunks)),
  }));
});

const scan = task(manifest, (event: ScanEvent, { settings, hasTime }) =>
  scanCsv(s3, event, { ...settings, hasTime }),
);

/** Claims an upload and cuts it into chunks of whole records; exactly, when it is given a plan. */
export function handler(event: FetchEvent, context: LambdaContext): Promise<PlannedUpload | StandingResult>;
export function handler(event: ScanEvent, context: LambdaContext): Promise<FetchResult>;
export function handler(
  event: FetchEvent | ScanEvent,
  context: LambdaContext,
): Promise<PlannedUpload | StandingResult | FetchResult> {
  return 'plan' in event ? scan(event, context) : claim(event, context);
}
