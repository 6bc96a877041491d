/** Puts a run's record together from what happens, one event after the other, wherever the events come from. */

import type { Graph, GraphNode } from '../graph/graph.ts';
import { errorRecord } from './bounded.ts';
import { type FoundFile, foundFile, totalBytes } from './file-facts.ts';
import { MapRecorder } from './map-recorder.ts';
import { RowRecorder, rowsOfLine, rowsOfResult } from './row-series.ts';
import type { Course, StateProgress } from './run-record.ts';
import { StateTally } from './state-tally.ts';

/** The phases that functions tell of, by the Map whose states do. */
const PHASES: Readonly<Record<string, string>> = { ValidateCsv: 'validate', LoadToDynamoDB: 'load' };

/** Types of states that take time. */
const LASTING = new Set(['Task', 'Map', 'Parallel', 'Wait']);

/** Visits of Maps that are kept; a file is validated four times at the most. */
const MAX_MAP_RUNS = 20;

/**
 * Takes a run's events in the order of time. `iteration` is the number of the Map's iteration that a state is in, and
 * undefined outside of a Map. All times are in milliseconds since 1970.
 */
export class RunRecorder {
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #caught: ReadonlySet<string>;
  readonly #maps: ReadonlySet<string>;
  readonly #rows: RowRecorder;
  readonly #states = new Map<string, StateTally>();
  /** Of each Map the visit that is under way, or was the last. */
  readonly #mapRuns = new Map<string, MapRecorder>();
  readonly #allMapRuns: MapRecorder[] = [];
  #file: FoundFile | undefined;

  constructor(graph: Graph, since: number) {
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
    this.#caught = new Set(graph.edges.filter(({ kind }) => kind === 'catch').map(({ from }) => from));
    this.#maps = new Set(graph.nodes.filter(({ type }) => type === 'Map').map(({ name }) => name));
    this.#rows = new RowRecorder(since);
  }

  /** States that the definition does not have are passed over, here and below. */
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

  /** A function was invoked, and took so many milliseconds. */
  invoked(state: string, milliseconds: number): void {
    this.#states.get(state)?.invoked(milliseconds);
  }

  /** Takes the result of a task that is under way. */
  result(at: number, state: string, result: unknown): void {
    this.#states.get(state)?.count(result);
    this.#file = foundFile(result) ?? this.#file;
    const rows = rowsOfResult(result);
    if (rows !== undefined) this.#rows.add(at, rows);
  }

  /** Takes a line that a function logged. */
  logLine(at: number, line: string): void {
    const rows = rowsOfLine(line);
    if (rows !== undefined) this.#rows.add(at, rows);
  }

  /** The run is over, and with it what is still under way. */
  over(at: number): void {
    for (const map of this.#mapRuns.values()) map.over(at);
    for (const state of this.#states.values()) state.end(at);
  }

  /** What was found out about the file, if anything was. */
  get file(): FoundFile | undefined {
    return this.#file;
  }

  /** How far it is at some time: the states that take time, and are not inside of a Map, in the order of their entry. */
  progress(now: number): StateProgress[] {
    const total = this.#file === undefined ? undefined : totalBytes(this.#file);
    return [...this.#states.values()].flatMap((tally) => {
      const state = tally.progress(now);
      const node = this.#nodes.get(state.name);
      if (node?.parent !== undefined || !LASTING.has(state.type)) return [];
      const phase = PHASES[state.name];
      if (phase === undefined) return [state];
      return [{ ...state, ...this.#rows.progress(phase), ...(total !== undefined && { totalBytes: total }) }];
    });
  }

  /** What is known by now; the states are in the order in which they were first entered. */
  course(): Course {
    return {
      states: [...this.#states.values()].map((state) => state.record()),
      maps: this.#allMapRuns.map((run) => run.run()),
      rows: this.#rows.series(),
    };
  }

  #endMap(at: number, map: string): void {
    this.#mapRuns.get(map)?.over(at);
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

  /** The Map that a state is inside of. */
  #mapOf({ parent }: GraphNode): string | undefined {
    if (parent === undefined || this.#maps.has(parent)) return parent;
    const around = this.#nodes.get(parent);
    return around === undefined ? undefined : this.#mapOf(around);
  }
}
