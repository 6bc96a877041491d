import { datasetNamed } from '../../datasets/index.ts';
import { InvalidInputError } from '../core/errors.ts';
import { feedOf } from '../core/feed/feed.ts';
import { claimUpload } from '../core/ledger/claim.ts';
import { parseInput } from '../core/ledger/input.ts';
import { leaseEnd, recordingFailure } from '../core/ledger/lease.ts';
import type {
  FetchEvent,
  FetchResult,
  NotClaimedResult,
  PlannedUpload,
  ScanEvent,
} from '../core/messages.ts';
import { type LambdaContext, lambdaHandler } from '../core/runtime/log.ts';
import { datasetForKey, tableFor } from '../core/runtime/routing.ts';
import { readSettings } from '../core/runtime/settings.ts';
import { planSource, scanCsv } from '../core/steps/fetch.ts';
import { ledgerClient, s3Client } from '../core/storage/aws.ts';
import { s3Uri } from '../core/storage/source.ts';
import { tableIdentity } from '../core/table/identity.ts';
import { task, toolsFor } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();
const client = ledgerClient();

const claim = lambdaHandler<FetchEvent, PlannedUpload | NotClaimedResult>(async (event, context) => {
  const settings = readSettings(manifest, process.env);
  const upload = parseInput(event.input, settings.sourceBucket);
  const dataset = datasetNamed(datasetForKey(settings.prefixes, upload.key));
  const { entry } = toolsFor(manifest, { execution: event.execution, object: upload, dataset }, context);
  if (upload.undo && !dataset.load.canUndo) {
    throw new InvalidInputError(
      `The load of ${s3Uri(upload)} cannot be undone: what the dataset ${dataset.name} loads depends on what the table has. Upload a file that corrects the items.`,
    );
  }
  const started = event.started === undefined ? 0 : Date.parse(event.started);
  const claimed = await claimUpload(s3, entry, upload, { started, lease: leaseEnd(context) });
  if ('outcome' in claimed) return claimed;
  return recordingFailure(entry, async () => {
    const feed =
      dataset.load.feed === undefined
        ? null
        : feedOf(claimed.index, {
            execution: event.execution,
            table: await tableIdentity(client, tableFor(settings.tables, dataset.name), dataset),
            force: upload.force,
            allowRemovals: upload.allowRemovals ?? false,
          });
    return { outcome: 'plan', feed, ...(await planSource(s3, claimed.source, dataset, settings.maxChunks)) };
  });
});

const scan = task(manifest, (event: ScanEvent, { settings, hasTime }) =>
  scanCsv(s3, event, { ...settings, hasTime }),
);

/** Claims an upload and plans its chunks; given a plan, continues it exactly. */
export function handler(event: FetchEvent, context: LambdaContext): Promise<PlannedUpload | NotClaimedResult>;
export function handler(event: ScanEvent, context: LambdaContext): Promise<FetchResult>;
export function handler(
  event: FetchEvent | ScanEvent,
  context: LambdaContext,
): Promise<PlannedUpload | NotClaimedResult | FetchResult> {
  return 'plan' in event ? scan(event, context) : claim(event, context);
}
