/** Assembles the record of a run. */

import { KEY_OUTCOMES } from '../../functions/core/dataset/load.ts';
import type { Graph } from '../graph/graph.ts';
import { payload } from './bounded.ts';
import { type CostSettings, costsOf } from './costs.ts';
import { RARE_COUNT_FIELDS } from './counts.ts';
import { fileFacts } from './file-facts.ts';
import type { Rejected, RunRecord, StateRecord } from './run-record.ts';
import type { RunRecorder } from './run-recorder.ts';

/** What is known of the run as a whole. The rest comes from the recorder. */
export type RunFrame = Pick<RunRecord, 'name' | 'place' | 'status' | 'error' | 'since' | 'until'> & {
  /** JSON. */
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly rejected: Pick<Rejected, 'rows' | 'note'>;
};

export function runRecord(
  graph: Graph,
  recorder: RunRecorder,
  { input, output, rejected, ...frame }: RunFrame,
  memoryMb: number,
): RunRecord {
  const snapshot = recorder.snapshot();
  const counts = countsOf(snapshot.states);
  const settings: CostSettings = { memoryMb, timesFrom: frame.place };
  return {
    ...frame,
    ...snapshot,
    graph,
    input: payload(input),
    output: payload(output),
    file: recorder.file === undefined ? [] : fileFacts(recorder.file),
    counts,
    rejected: { ...rejected, total: Math.max(counts.rejected ?? 0, rejected.rows.length) },
    costs: costsOf(snapshot.states, settings),
  };
}

/**
 * The counts of the Maps, whose states count each row once; a later Map overrides an earlier one. Which rows belong to
 * the footer is not known until all chunks are validated, and what a Map finds out about keys is not done yet, so those
 * counts are of the states after that.
 */
function countsOf(states: readonly StateRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const state of states) if (state.map !== undefined) Object.assign(counts, state.counts);
  for (const field of [...RARE_COUNT_FIELDS, ...KEY_OUTCOMES]) {
    delete counts[field];
    const found = states.findLast(({ map, counts: own }) => map === undefined && own[field] !== undefined);
    if (found !== undefined) counts[field] = found.counts[field] ?? 0;
  }
  return counts;
}
