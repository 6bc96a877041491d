/** Adds up what was done, and checks that no row was lost. */

import { IncompleteLoadError } from './errors.ts';
import type { PipelineResult, ReconcileEvent } from './messages.ts';
import { locate } from './source.ts';

/**
 * The execution's output.
 * @throws IncompleteLoadError unless every row that was read is loaded, rejected or a duplicate, and as many were
 * read and rejected while loading as while validating.
 */
export function reconcile({ source, format, verdict, chunks }: ReconcileEvent): PipelineResult {
  const total = { read: 0, loaded: 0, rejected: 0, duplicates: 0 };
  for (const chunk of chunks) {
    total.read += chunk.read;
    total.loaded += chunk.loaded;
    total.rejected += chunk.rejected;
    total.duplicates += chunk.duplicates;
  }
  const accounted = total.loaded + total.rejected + total.duplicates;
  if (total.read !== accounted || total.read !== verdict.read || total.rejected !== verdict.rejected) {
    throw new IncompleteLoadError(
      `The counts of ${locate(source)} do not add up: validation read ${verdict.read} rows and rejected ${verdict.rejected}; loading read ${total.read}, loaded ${total.loaded}, rejected ${total.rejected} and left out ${total.duplicates} duplicates. Start the execution again with the same input.`,
    );
  }
  return {
    source_bucket: source.bucket,
    source_key: source.key,
    ...total,
    report: verdict.report,
    ignored_columns: format.ignored,
  };
}
