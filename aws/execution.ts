/** An execution on AWS, read from its history and its Map runs' children. */

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

/** Children whose histories are read at once; AWS allows some 20 such calls a second. */
const READERS = 5;

/** A Map run that is under way, or whose children were not all read yet. */
interface MapRun {
  readonly map: string;
  readonly arn: string;
  /** Numbers of the children, by their ARN. */
  readonly numbers: Map<string, number>;
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

  /** Opens an execution; nothing of its history is read yet. */
  static async open(sfn: SFNClient, executionArn: string): Promise<AwsExecution> {
    const [{ startDate }, { definition }] = await Promise.all([
      sfn.send(new DescribeExecutionCommand({ executionArn })),
      sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn })),
    ]);
    return new AwsExecution(sfn, executionArn, graphOf(definition), startDate?.getTime() ?? Date.now());
  }

  /**
   * Reads what happened since the last time.
   * @returns how the execution is
   */
  async read(): Promise<DescribeExecutionCommandOutput> {
    // Asked first: what ends while the history is read, is told of the next time, with its events.
    const state = await this.#sfn.send(new DescribeExecutionCommand({ executionArn: this.arn }));
    for (const event of await this.#history(this.arn, this.#lastId)) {
      const map = this.#reader.stateOf(event);
      // The children's ends come before the end of their Map, as they did.
      if (
        map !== undefined &&
        /^Map(?:Run|State)(?:Succeeded|Failed|Aborted|TimedOut)$/.test(event.type ?? '')
      )
        await this.#readChildren(map);
      this.#reader.add(event);
      this.#lastId = event.id ?? this.#lastId;
      const arn = event.mapRunStartedEventDetails?.mapRunArn;
      if (arn !== undefined && map !== undefined)
        this.#mapRuns.set(map, { map, arn, numbers: new Map(), ended: new Set() });
    }
    for (const map of this.#mapRuns.keys()) await this.#readChildren(map);
    if (state.status !== 'RUNNING') this.recorder.over(state.stopDate?.getTime() ?? Date.now());
    return state;
  }

  /** Events behind one, in their order. They are read from the last one back, as AWS gives them no other way. */
  async #history(executionArn: string, lastId: number): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#sfn.send(
        new GetExecutionHistoryCommand({ executionArn, nextToken, maxResults: 1_000, reverseOrder: true }),
      );
      const more = (page.events ?? []).filter(({ id = 0 }) => id > lastId);
      events.push(...more);
      nextToken = more.length < (page.events ?? []).length ? undefined : page.nextToken;
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
      if (run.numbers.has(executionArn)) continue;
      run.numbers.set(executionArn, run.numbers.size);
      this.recorder.iterationStarted(time(startDate), map, run.numbers.size - 1);
    }
    const ended = children.filter(({ status }) => status !== 'RUNNING' && status !== 'PENDING_REDRIVE');
    await pMap(ended, (child) => this.#readChild(run, child), { concurrency: READERS });
  }

  async #readChild(run: MapRun, { executionArn = '', status, stopDate }: ExecutionListItem): Promise<void> {
    const iteration = run.numbers.get(executionArn) ?? 0;
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
