/** A CloudWatch dashboard of the pipeline. */

import { Construct } from 'constructs';
import { CloudwatchDashboard } from '#aws/cloudwatch-dashboard';
import { FUNCTION_NAMES } from '../../asl/pipeline.ts';
import type { KeyOutcome, WriteOutcome } from '../../functions/core/dataset/load.ts';
import { metricOf, type RowMetric } from '../../functions/core/runtime/metrics.ts';

export interface DashboardProps {
  readonly name: string;
  readonly region: string;
  /** The environment's name: a dimension of the pipeline's metrics. */
  readonly environment: string;
  readonly datasets: readonly {
    readonly name: string;
    /** What may become of its rows when they are written, and of their keys. */
    readonly outcomes: readonly (WriteOutcome | KeyOutcome)[];
  }[];
  readonly stateMachineArn: string;
  readonly deadLetterQueueName: string;
  /** Table names by their label on the dashboard. */
  readonly tableNames: Readonly<Record<string, string>>;
}

/** Seconds that each data point covers. */
const PERIOD = 300;

/** Width of a widget, in units of the grid, which is 24 wide; source: "Dashboard body structure and syntax". */
const WIDTH = 12;

/** Height of a widget, in units of the grid. */
const HEIGHT = 6;

/** A metric in a widget: namespace, name, names and values of dimensions, and how to draw it. */
type Metric = readonly (string | { readonly stat?: string; readonly label?: string })[];

/** Labels of the executions' metrics; source: "Monitoring metrics" in the Step Functions developer guide. */
const OUTCOMES = {
  ExecutionsStarted: 'started',
  ExecutionsSucceeded: 'succeeded',
  ExecutionsFailed: 'failed',
  ExecutionsTimedOut: 'timed out',
  ExecutionsAborted: 'aborted',
};

/** The metrics that the functions' `countRows` publishes for a dataset, with their labels. */
function rowMetrics(
  outcomes: readonly (WriteOutcome | KeyOutcome)[],
): readonly (readonly [RowMetric, string])[] {
  return [
    ...outcomes.map((outcome) => [metricOf(outcome), outcome] as const),
    ['RowsRejected', 'rejected'],
    ['RowsDuplicate', 'duplicates'],
  ];
}

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { name, environment, stateMachineArn, deadLetterQueueName, tableNames } = props;
    const ofMachine = (metric: string, label: string, stat?: string): Metric => {
      return ['AWS/States', metric, 'StateMachineArn', stateMachineArn, { ...(stat && { stat }), label }];
    };
    const perTable = (metric: string): Metric[] => {
      const tables = Object.entries(tableNames);
      return tables.map(([label, table]) => ['AWS/DynamoDB', metric, 'TableName', table, { label }]);
    };
    const perFunction = (metric: string): Metric[] => {
      const dimension = (label: string) => ['FunctionName', `${name}-${label}`, { label }];
      return FUNCTION_NAMES.map((each) => ['AWS/Lambda', metric, ...dimension(each)]);
    };
    const waiting = ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', deadLetterQueueName];
    const rows = props.datasets.flatMap(({ name: dataset, outcomes }) =>
      rowMetrics(outcomes).map(([metric, what]): Metric => {
        const dimensions = ['service', 'csv-pipeline', 'environment', environment, 'dataset', dataset];
        return ['csv-pipeline', metric, ...dimensions, { label: `${dataset}: ${what}` }];
      }),
    );
    const graphs: readonly (readonly [title: string, stat: string, metrics: readonly Metric[]])[] = [
      ['Executions', 'Sum', Object.entries(OUTCOMES).map(([metric, label]) => ofMachine(metric, label))],
      [
        'Duration of executions',
        'Maximum',
        ['p50', 'p90', 'Maximum'].map((stat) => ofMachine('ExecutionTime', stat, stat)),
      ],
      ['Rows', 'Sum', rows],
      ['Throttled writes', 'Sum', perTable('WriteThrottleEvents')],
      ['Events that could not start an execution', 'Maximum', [[...waiting, { label: 'waiting' }]]],
      ['Cost: write units of the tables', 'Sum', perTable('ConsumedWriteCapacityUnits')],
      ['Cost: milliseconds of the functions', 'Sum', perFunction('Duration')],
      ['Cost: invocations of the functions', 'Sum', perFunction('Invocations')],
    ];
    new CloudwatchDashboard(this, 'dashboard', {
      dashboardName: name,
      dashboardBody: JSON.stringify({
        widgets: graphs.map(([title, stat, metrics], index) => ({
          type: 'metric',
          x: (index % 2) * WIDTH,
          y: Math.floor(index / 2) * HEIGHT,
          width: WIDTH,
          height: HEIGHT,
          properties: {
            title,
            region: props.region,
            view: 'timeSeries',
            stat,
            period: PERIOD,
            metrics,
          },
        })),
      }),
    });
  }
}
