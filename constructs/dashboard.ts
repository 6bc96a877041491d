/** What the pipeline does, on one page of CloudWatch. */

import { Construct } from 'constructs';
import { CloudwatchDashboard } from '#aws/cloudwatch-dashboard';
import { FUNCTION_NAMES } from '../asl/pipeline.ts';

export interface DashboardProps {
  readonly name: string;
  readonly region: string;
  /** The environment's name, a dimension of the pipeline's own metrics. */
  readonly environment: string;
  readonly datasets: readonly string[];
  readonly stateMachineArn: string;
  readonly deadLetterQueueName: string;
  /** Tables' names, by what they are called on the dashboard. */
  readonly tableNames: Readonly<Record<string, string>>;
}

/** Seconds that a point stands for. */
const PERIOD = 300;

/** Units of the dashboard's grid, which is 24 of them wide; source: "Dashboard body structure and syntax". */
const [WIDTH, HEIGHT] = [12, 6];

/** A metric as a widget names it: namespace, name, its dimensions' names and values, how it is drawn. */
type Metric = readonly (string | { readonly stat?: string; readonly label?: string })[];

/** Executions by how they went; source: "Monitoring metrics" in the Step Functions developer guide. */
const OUTCOMES = {
  ExecutionsStarted: 'started',
  ExecutionsSucceeded: 'succeeded',
  ExecutionsFailed: 'failed',
  ExecutionsTimedOut: 'timed out',
  ExecutionsAborted: 'aborted',
};

/** What `countRows` of the functions counts. */
const ROWS = { RowsLoaded: 'loaded', RowsRejected: 'rejected', RowsDuplicate: 'duplicates' };

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { name, environment, stateMachineArn, deadLetterQueueName, tableNames } = props;
    const machine = ['StateMachineArn', stateMachineArn] as const;
    const perTable = (metric: string): Metric[] =>
      Object.entries(tableNames).map(([label, table]) => [
        'AWS/DynamoDB',
        metric,
        'TableName',
        table,
        { label },
      ]);
    const perFunction = (metric: string): Metric[] =>
      FUNCTION_NAMES.map((each) => [
        'AWS/Lambda',
        metric,
        'FunctionName',
        `${name}-${each}`,
        { label: each },
      ]);
    const rows = props.datasets.flatMap((dataset) =>
      Object.entries(ROWS).map(([metric, what]): Metric => {
        const dimensions = ['service', 'csv-pipeline', 'environment', environment, 'dataset', dataset];
        return ['csv-pipeline', metric, ...dimensions, { label: `${dataset}: ${what}` }];
      }),
    );
    const graphs: readonly (readonly [title: string, stat: string, metrics: readonly Metric[]])[] = [
      [
        'Executions',
        'Sum',
        Object.entries(OUTCOMES).map(([metric, label]) => ['AWS/States', metric, ...machine, { label }]),
      ],
      [
        'Duration of executions',
        'Maximum',
        ['p50', 'p90', 'Maximum'].map((stat) => [
          'AWS/States',
          'ExecutionTime',
          ...machine,
          { stat, label: stat },
        ]),
      ],
      ['Rows', 'Sum', rows],
      ['Writes that a table throttled', 'Sum', perTable('WriteThrottleEvents')],
      [
        'Events that could not start an execution',
        'Maximum',
        [
          [
            'AWS/SQS',
            'ApproximateNumberOfMessagesVisible',
            'QueueName',
            deadLetterQueueName,
            { label: 'waiting' },
          ],
        ],
      ],
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
