/** Reads an execution on AWS: its history, and the child executions of its Map Runs. */

import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  DescribeStateMachineForExecutionCommand,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import pMap from 'p-map';
import { type Graph, graphOf } from '../report/graph/graph.ts';
import { MAX_ITERATIONS } from '../report/record/run-record.ts';
import { RunRecorder } from '../report/record/run-recorder.ts';
import { HistoryReader } from './history.ts';

/**
 * Child executions whose histories are read concurrently.
 * Source: the refill rate of GetExecutionHistory is about 20 calls a second, "Quotas", Step Functions developer guide.
 */
const MAX_READERS = 5;

/** A Map Run, and its child executions so far. */
interface MapRun {
  readonly map: string;
  readonly arn: string;
  /** Iteration of each child execution, by its ARN. */
  readonly iterations: Map<string, number>;
  /** ARNs of the child executions that have been read to their end. */
  readonly ended: Set<string>;
}

export class AwsExecution {
  readonly graph: Graph;
  readonly recorder: RunRecorder;
  readonly arn: string;
  readonly #sfn: SFNClient;
  readonly #reader: HistoryReader;
  readonly #mapRuns = new Map<string, MapRun>();
  #lastId = 0;

  private constructor(sfn: SFNClient, arn: string, graph: Graph, since: number) {
    this.#sfn = sfn;
    this.arn = arn;
    this.graph = graph;
    this.recorder = new RunRecorder(graph, since);
    this.#reader = new HistoryReader(this.recorder);
  }

  /** Opens an execution, without reading its history. */
  static async open(sfn: SFNClient, executionArn: string): Promise<AwsExecution> {
    const [{ startDate }, { definition }] = await Promise.all([
      sfn.send(new DescribeExecutionCommand({ executionArn })),
      sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn })),
    ]);
    return new AwsExecution(sfn, executionArn, graphOf(definition), startDate?.getTime() ?? Date.now());
  }

  /**
   * Reads the events since the last call.
   * @returns the execution's description
   */
  async read(): Promise<DescribeExecutionCommandOutput> {
    // The status comes first: if the execution ends while its history is read, the next call sees the end.
    const state = await this.#sfn.send(new DescribeExecutionCommand({ executionArn: this.arn }));
    for (const event of await this.#history(this.arn, this.#lastId)) {
      const map = this.#reader.stateOf(event);
      // The child executions end before their Map does.
      if (
        map !== undefined &&
        /^Map(?:Run|State)(?:Succeeded|Failed|Aborted|TimedOut)$/.test(event.type ?? '')
      )
        await this.#readChildren(map);
      this.#reader.add(event);
      this.#lastId = event.id ?? this.#lastId;
      const arn = event.mapRunStartedEventDetails?.mapRunArn;
      if (arn !== undefined && map !== undefined)
        this.#mapRuns.set(map, { map, arn, iterations: new Map(), ended: new Set() });
    }
    for (const map of this.#mapRuns.keys()) await this.#readChildren(map);
    if (state.status !== 'RUNNING') this.recorder.finish(state.stopDate?.getTime() ?? Date.now());
    return state;
  }

  /** Events after `lastId`, in chronological order. They are read backwards, because AWS cannot start after an event. */
  async #history(executionArn: string, lastId: number): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#sfn.send(
        new GetExecutionHistoryCommand({ executionArn, nextToken, maxResults: 1_000, reverseOrder: true }),
      );
      const newer = (page.events ?? []).filter(({ id = 0 }) => id > lastId);
      events.push(...newer);
      nextToken = newer.length < (page.events ?? []).length ? undefined : page.nextToken;
    } while (nextToken !== undefined);
    return events.reverse();
  }

  async #readChildren(map: string): Promise<void> {
    const run = this.#mapRuns.get(map);
    if (run === undefined) return;
    const children: ExecutionListItem[] = [];
    for await (const { executions = [] } of paginateListExecutions(
      { client: this.#sfn },
      { mapRunArn: run.arn },
    )) {
      children.push(...executions.filter(({ executionArn = '' }) => !run.ended.has(executionArn)));
    }
    children.sort((one, other) => time(one.startDate) - time(other.startDate));
    for (const { executionArn = '', startDate } of children) {
      if (run.iterations.has(executionArn)) continue;
      run.iterations.set(executionArn, run.iterations.size);
      this.recorder.iterationStarted(time(startDate), map, run.iterations.size - 1);
    }
    const ended = children.filter(({ status }) => status !== 'RUNNING' && status !== 'PENDING_REDRIVE');
    await pMap(ended, (child) => this.#readChild(run, child), { concurrency: MAX_READERS });
  }

  async #readChild(run: MapRun, { executionArn = '', status, stopDate }: ExecutionListItem): Promise<void> {
    const iteration = run.iterations.get(executionArn) ?? 0;
    run.ended.add(executionArn);
    if (iteration < MAX_ITERATIONS) {
      const reader = new HistoryReader(this.recorder, { map: run.map, iteration });
      for (const event of await this.#history(executionArn, 0)) reader.add(event);
    }
    this.recorder.iterationEnded(time(stopDate), run.map, iteration, status === 'SUCCEEDED');
  }
}

function time(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}
