/** Adds up the counts of all chunks, and checks that no row was lost. */

import type { S3Client } from '@aws-sdk/client-s3';
import type { Dataset } from '../dataset/dataset.ts';
import { type KeyCounts, sumOfWrites } from '../dataset/load.ts';
import { IncompleteLoadError } from '../errors.ts';
import { NO_CHANGES, sum } from '../feed/difference.ts';
import { deleteReplaced, feedPrefix } from '../feed/index-objects.ts';
import { samplesPrefix } from '../feed/key-sample.ts';
import { feedName } from '../ledger/feed-name.ts';
import type { LedgerEntry } from '../ledger/ledger.ts';
import type { BegunLoad, IndexChanges, PipelineResult, ReconcileEvent, RowCounts } from '../messages.ts';
import { s3Uri } from '../storage/source.ts';
import {
  countedRejects,
  fileName,
  getJson,
  putJson,
  reportFolder,
  summarise,
  summaryKey,
} from '../working/summary.ts';

/**
 * Completes the execution's report and its ledger entry.
 * @returns the execution's output.
 * @throws IncompleteLoadError as {@link addUp} and {@link keyCounts} do.
 * @throws SupersededError when another execution has claimed the upload.
 */
export async function reconcile(
  s3: S3Client,
  event: ReconcileEvent & BegunLoad,
  dataset: Dataset,
  reportsBucket: string,
  entry: Pick<LedgerEntry, 'finish'>,
): Promise<PipelineResult> {
  const { source, verdict, execution, feed, load, changes } = event;
  const shared = verdict.compared.find((range) => range.shared !== undefined)?.shared ?? null;
  const more = shared === null ? [] : [sharedKeysWarning(shared)];
  const format = { ...event.format, warnings: [...event.format.warnings, ...more] };
  const isSampled = dataset.load.feed === 'object';
  const rows = addUp(event);
  const total = { ...rows, ...keyCounts(event, dataset, rows) };
  const folder = reportFolder(source, execution);
  const key = summaryKey(source, execution);
  // ReportRejects has already counted the rejected rows by code and column.
  const rejects =
    verdict.rejected === 0 ? [] : (await getJson(s3, reportsBucket, key, countedRejects)).rejects;
  await putJson(s3, reportsBucket, key, summarise({ ...event, format }, dataset, rejects, total));
  await entry.finish(total, feed !== null);
  if (feed !== null) {
    const place = { bucket: reportsBucket, id: load };
    const name = feedName(dataset, source);
    await deleteReplaced(s3, place, feedPrefix(name));
    if (isSampled) await deleteReplaced(s3, place, samplesPrefix({ dataset: dataset.name, feed: name }));
  }
  return {
    outcome: 'loaded',
    source_bucket: source.bucket,
    source_key: source.key,
    dataset: dataset.name,
    encoding: format.encoding,
    delimiter: format.delimiter,
    ...total,
    blank: verdict.blank,
    footer: verdict.footer,
    report: key,
    rejected_rows: verdict.rejected === 0 ? null : `${folder}/${fileName('rejected', 1)}`,
    duplicate_rows: verdict.duplicates === 0 ? null : `${folder}/${fileName('duplicates', 1)}`,
    ...(changes !== null && { changes: changes.files === 0 ? null : `${folder}/${fileName('changes', 1)}` }),
    ...(isSampled && { shares_keys_with: shared }),
    first_rejected: verdict.report.first,
    ignored_columns: format.ignored,
    warnings: format.warnings,
  };
}

/** @param other key of an object, or its end. */
function sharedKeysWarning(other: string): string {
  return `Some keys of this file are also keys of ${other}, but each of the two files is a feed of its own: a load of one does not notice what a load of the other has written or deleted. If each file is a full export, declare feed: 'dataset'. If the files have different things, put a column into the key that differs between them, or give each a dataset of its own.`;
}

/**
 * What became of the keys, of those that the dataset's load counts.
 * @param rows what became of the rows, as {@link addUp} returns it.
 * @throws IncompleteLoadError unless as many rows were written and left unchanged as CompareIndex found to be added,
 * changed and unchanged, and all keys that were to be removed are.
 */
export function keyCounts(
  { source, verdict, removal }: Pick<ReconcileEvent, 'source' | 'verdict' | 'removal'>,
  { load }: Pick<Dataset, 'load'>,
  rows: Pick<RowCounts, 'loaded' | 'unchanged'>,
): KeyCounts {
  if (load.keyOutcomes.length === 0) return {};
  const { added, changed, unchanged, kept } = verdict.compared.reduce<IndexChanges>(sum, NO_CHANGES);
  if (rows.loaded !== added + changed || (rows.unchanged ?? 0) !== unchanged) {
    throw new IncompleteLoadError(
      `The counts of ${s3Uri(source)} do not add up: ${added} rows were to be added, ${changed} changed and ${unchanged} left unchanged, but loading wrote ${rows.loaded} and left ${rows.unchanged ?? 0} unchanged. Start the execution again with the same input.`,
    );
  }
  const { removed, expected, forgets } = removal;
  if (removed !== expected) {
    throw new IncompleteLoadError(
      `${s3Uri(source)} lacks ${expected} keys that were to be removed from the table, but ${removed} were. Start the execution again with the same input.`,
    );
  }
  // Of keys whose entries were missing, nobody knows whether the table has them.
  const counts = forgets
    ? { added: null, changed: null, removed: null, kept }
    : { added, changed, removed, kept };
  return Object.fromEntries(load.keyOutcomes.map((outcome) => [outcome, counts[outcome]]));
}

/**
 * The total counts of all chunks.
 * @throws IncompleteLoadError unless every row that was read is rejected, a duplicate, or in one of the counts of the
 * writes, and loading and validation agree on the rows read, the rows rejected and the duplicates.
 */
export function addUp({
  source,
  verdict,
  chunks,
}: Pick<ReconcileEvent, 'source' | 'verdict' | 'chunks'>): RowCounts {
  const sum = (count: 'read' | 'rejected' | 'duplicates') =>
    chunks.reduce((total, chunk) => total + chunk[count], 0);
  const [read, rejected, duplicates] = [sum('read'), sum('rejected'), sum('duplicates')];
  const writes = sumOfWrites(chunks);
  const written = Object.values(writes).reduce((total, count) => total + count, 0);
  const isAsValidated = read === verdict.read && rejected === verdict.rejected;
  if (read !== written + rejected + duplicates || !isAsValidated || duplicates !== verdict.duplicates) {
    const outcomes = Object.entries(writes).map(([outcome, count]) => `${outcome} ${count}`);
    throw new IncompleteLoadError(
      `The counts of ${s3Uri(source)} do not add up: validation read ${verdict.read} rows, rejected ${verdict.rejected} and found ${verdict.duplicates} duplicates; loading read ${read}, ${outcomes.join(', ')}, rejected ${rejected} and skipped ${duplicates} duplicates. Start the execution again with the same input.`,
    );
  }
  return { read, ...writes, rejected, duplicates };
}
