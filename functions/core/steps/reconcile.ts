/** Adds up what was done, and checks that no row was lost. */

import type { S3Client } from '@aws-sdk/client-s3';
import type { Dataset } from '../dataset/dataset.ts';
import { IncompleteLoadError } from '../errors.ts';
import type { LedgerEntry } from '../ledger/ledger.ts';
import type { PipelineResult, ReconcileEvent } from '../messages.ts';
import { s3Uri } from '../storage/source.ts';
import {
  countedRejects,
  fileName,
  getJson,
  putJson,
  reportFolder,
  summarise,
  summaryKey,
} from '../work/summary.ts';

/**
 * The execution's output; completes its report and its entry in the ledger.
 * @throws IncompleteLoadError as {@link addUp} does.
 * @throws SupersededError when the upload is another execution's by now.
 */
export async function reconcile(
  s3: S3Client,
  event: ReconcileEvent,
  dataset: Dataset,
  reportsBucket: string,
  entry: Pick<LedgerEntry, 'finish'>,
): Promise<PipelineResult> {
  const { source, format, verdict, execution } = event;
  const total = addUp(event);
  const folder = reportFolder(source, execution);
  const key = summaryKey(source, execution);
  // Where rows were rejected, they are reported and counted already.
  const rejects =
    verdict.rejected === 0 ? [] : (await getJson(s3, reportsBucket, key, countedRejects)).rejects;
  await putJson(s3, reportsBucket, key, summarise(event, dataset, rejects, total.loaded));
  await entry.finish(total);
  return {
    outcome: 'loaded',
    source_bucket: source.bucket,
    source_key: source.key,
    dataset: dataset.name,
    encoding: format.encoding,
    delimiter: format.delimiter,
    ...total,
    report: key,
    rejected_rows: verdict.rejected === 0 ? null : `${folder}/${fileName('rejected', 1)}`,
    duplicate_rows: verdict.duplicates === 0 ? null : `${folder}/${fileName('duplicates', 1)}`,
    first_rejected: verdict.report.first,
    ignored_columns: format.ignored,
  };
}

/**
 * The counts of all chunks together.
 * @throws IncompleteLoadError unless every row that was read is loaded, rejected or a duplicate, and as many were
 * read, rejected and left out while loading as while validating.
 */
export function addUp({ source, verdict, chunks }: Pick<ReconcileEvent, 'source' | 'verdict' | 'chunks'>) {
  const total = { read: 0, loaded: 0, rejected: 0, duplicates: 0 };
  for (const chunk of chunks) {
    total.read += chunk.read;
    total.loaded += chunk.loaded;
    total.rejected += chunk.rejected;
    total.duplicates += chunk.duplicates;
  }
  const accounted = total.loaded + total.rejected + total.duplicates;
  const isRead = total.read === verdict.read && total.rejected === verdict.rejected;
  if (total.read !== accounted || !isRead || total.duplicates !== verdict.duplicates) {
    throw new IncompleteLoadError(
      `The counts of ${s3Uri(source)} do not add up: validation read ${verdict.read} rows, rejected ${verdict.rejected} and found ${verdict.duplicates} duplicates; loading read ${total.read}, loaded ${total.loaded}, rejected ${total.rejected} and left out ${total.duplicates}. Start the execution again with the same input.`,
    );
  }
  return total;
}
