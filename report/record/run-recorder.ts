/** Builds a run's record from its events, one at a time, wherever they come from. */

import type { Graph, GraphNode } from '../graph/graph.ts';
import { errorRecord } from './bounded.ts';
import { type FetchedFile, fetchedFile, totalBytes } from './file-facts.ts';
import { MapRecorder } from './map-recorder.ts';
import { progressOfLine, progressOfResult, RowRecorder } from './row-series.ts';
import type { Snapshot, StateProgress } from './run-record.ts';
import { StateTally } from './state-tally.ts';

/** The phase that a Map's functions log, by the Map's name. */
const PHASES: Readonly<Record<string, string>> = { ValidateCsv: 'validate', LoadToDynamoDB: 'load' };

/** Types of states that take time. */
const TIMED_TYPES = new Set(['Task', 'Map', 'Parallel', 'Wait']);

/** Visits of Maps that are kept; a file is validated at most four times. */
const MAX_MAP_RUNS = 20;

/**
 * Takes a run's events in chronological order. `iteration` is the index of the Map iteration a state is in; undefined
 * outside a Map. All times are in milliseconds since 1970. Events of states that the definition does not have are ignored.
 */
export class RunRecorder {
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #caught: ReadonlySet<string>;
  readonly #maps: ReadonlySet<string>;
  readonly #rows: RowRecorder;
  readonly #states = new Map<string, StateTally>();
  /** The current or last visit of each Map. */
  readonly #mapRuns = new Map<string, MapRecorder>();
  readonly #allMapRuns: MapRecorder[] = [];
  #file: FetchedFile | undefined;

  constructor(graph: Graph, since: number) {
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
    this.#caught = new Set(graph.edges.filter(({ kind }) => kind === 'catch').map(({ from }) => from));
    this.#maps = new Set(graph.nodes.filter(({ type }) => type === 'Map').map(({ name }) => name));
    this.#rows = new RowRecorder(since);
  }

  entered(at: number, state: string, iteration: number | undefined, input: unknown): void {
    const node = this.#nodes.get(state);
    if (node === undefined) return;
    let tally = this.#states.get(state);
    if (tally === undefined) {
      tally = new StateTally(node, this.#mapOf(node), this.#caught.has(state));
      this.#states.set(state, tally);
    }
    tally.enter(at, iteration ?? -1, input);
    if (!this.#maps.has(state)) return;
    const phase = PHASES[state];
    if (phase !== undefined) this.#rows.begin(phase);
    const run = new MapRecorder(state);
    this.#mapRuns.set(state, run);
    if (this.#allMapRuns.length < MAX_MAP_RUNS) this.#allMapRuns.push(run);
  }

  retried(at: number, state: string, iteration: number | undefined): void {
    this.#states.get(state)?.retry(at, iteration ?? -1);
    if (iteration !== undefined) this.#mapRun(state)?.retry(at, iteration);
  }

  /** An attempt failed. */
  failed(at: number, state: string, iteration: number | undefined, error: string, cause: string): void {
    const record = errorRecord(error, cause);
    this.#states.get(state)?.fail(at, iteration ?? -1, record);
    if (iteration !== undefined) this.#mapRun(state)?.fail(iteration, record);
    if (this.#maps.has(state)) this.#endMap(at, state);
  }

  exited(at: number, state: string, iteration: number | undefined, output: unknown): void {
    this.#states.get(state)?.exit(at, iteration ?? -1, output);
    if (this.#maps.has(state)) this.#endMap(at, state);
  }

  iterationStarted(at: number, map: string, index: number): void {
    this.#mapRuns.get(map)?.start(at, index);
  }

  iterationEnded(at: number, map: string, index: number, hasSucceeded: boolean): void {
    this.#mapRuns.get(map)?.end(at, index, hasSucceeded);
  }

  /** Takes the duration of a function's invocation, in milliseconds. */
  invoked(state: string, milliseconds: number): void {
    this.#states.get(state)?.invoked(milliseconds);
  }

  /** Takes the result of a running task. */
  result(at: number, state: string, result: unknown): void {
    this.#states.get(state)?.count(result);
    this.#file = fetchedFile(result) ?? this.#file;
    const progress = progressOfResult(result);
    if (progress !== undefined) this.#rows.add(at, progress);
  }

  /** Takes a function's log line. */
  logLine(at: number, line: string): void {
    const progress = progressOfLine(line);
    if (progress !== undefined) this.#rows.add(at, progress);
  }

  /** Ends the run, and aborts what is still running. */
  finish(at: number): void {
    for (const map of this.#mapRuns.values()) map.finish(at);
    for (const state of this.#states.values()) state.end(at);
  }

  /** What FetchCsv detected about the file; undefined before that. */
  get file(): FetchedFile | undefined {
    return this.#file;
  }

  /** Progress of the states that take time and are outside a Map, in the order in which they were first entered. */
  progress(now: number): StateProgress[] {
    const total = this.#file === undefined ? undefined : totalBytes(this.#file);
    return [...this.#states.values()].flatMap((tally) => {
      const state = tally.progress(now);
      const node = this.#nodes.get(state.name);
      if (node?.parent !== undefined || !TIMED_TYPES.has(state.type)) return [];
      const phase = PHASES[state.name];
      if (phase === undefined) return [state];
      return [{ ...state, ...this.#rows.progress(phase), ...(total !== undefined && { totalBytes: total }) }];
    });
  }

  /** What is known so far; the states are in the order in which they were first entered. */
  snapshot(): Snapshot {
    return {
      states: [...this.#states.values()].map((state) => state.record()),
      maps: this.#allMapRuns.map((run) => run.run()),
      rows: this.#rows.series(),
    };
  }

  #endMap(at: number, map: string): void {
    this.#mapRuns.get(map)?.finish(at);
    for (const [name, state] of this.#states) {
      const node = this.#nodes.get(name);
      if (node !== undefined && this.#mapOf(node) === map) state.end(at);
    }
  }

  #mapRun(state: string): MapRecorder | undefined {
    const node = this.#nodes.get(state);
    const map = node === undefined ? undefined : this.#mapOf(node);
    return map === undefined ? undefined : this.#mapRuns.get(map);
  }

  /** The Map a state is in; undefined outside a Map. */
  #mapOf({ parent }: GraphNode): string | undefined {
    if (parent === undefined || this.#maps.has(parent)) return parent;
    const outer = this.#nodes.get(parent);
    return outer === undefined ? undefined : this.#mapOf(outer);
  }
}
