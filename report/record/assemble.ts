/** Puts the record of a run together. */

import type { Graph } from '../graph/graph.ts';
import { payload } from './bounded.ts';
import { type CostSettings, costsOf } from './costs.ts';
import { fileFacts } from './file-facts.ts';
import type { Rejected, RunRecord, StateRecord } from './run-record.ts';
import type { RunRecorder } from './run-recorder.ts';

/** How the run as a whole went; the rest is what the recorder knows. */
export type RunFrame = Pick<RunRecord, 'name' | 'place' | 'status' | 'error' | 'since' | 'until'> & {
  /** As JSON. */
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
  const course = recorder.course();
  const counts = countsOf(course.states);
  const settings: CostSettings = { memoryMb, timesFrom: frame.place };
  return {
    ...frame,
    ...course,
    graph,
    input: payload(input),
    output: payload(output),
    file: recorder.file === undefined ? [] : fileFacts(recorder.file),
    counts,
    rejected: { ...rejected, total: Math.max(counts.rejected ?? 0, rejected.rows.length) },
    costs: costsOf(course.states, settings),
  };
}

/** What was counted in the Maps, whose states count each row once; the later Map has the last word. */
function countsOf(states: readonly StateRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { map, counts: each } of states) if (map !== undefined) Object.assign(counts, each);
  return counts;
}
