import { z } from 'zod';
import { countRows } from '../../../functions/core/runtime/metrics.ts';
import { parsed, resources, synthesized } from '../../support/stack/stack.ts';

const body = z.object({
  widgets: z.array(
    z.object({
      type: z.literal('metric'),
      x: z.number(),
      y: z.number(),
      width: z.number(),
      height: z.number(),
      properties: z.object({
        title: z.string(),
        region: z.string(),
        view: z.literal('timeSeries'),
        stat: z.string(),
        period: z.number(),
        metrics: z.array(
          z.array(z.union([z.string(), z.object({ stat: z.string().optional(), label: z.string() })])),
        ),
      }),
    }),
  ),
});

const stack = synthesized('dev');
const { dashboard_dashboard: dashboard } = resources(stack, 'aws_cloudwatch_dashboard');
const { widgets } = body.parse(parsed(dashboard, 'dashboard_body'));

/** Metrics of a graph, without their options. */
function metrics(title: string): string[][] {
  const found = widgets.find(({ properties }) => properties.title === title);
  return (found?.properties.metrics ?? []).map((each) => each.filter((part) => typeof part === 'string'));
}

const machine = ['StateMachineArn', '${aws_sfn_state_machine.workflow_state-machine.arn}'];
const TABLES = ['results', 'orders', 'ledger'].map((name) => [
  'TableName',
  `\${aws_dynamodb_table.${name}-table.name}`,
]);

test('the dashboard has a graph for each question, and no graph overlaps another', () => {
  expect(dashboard).toMatchObject({ dashboard_name: 'csv-pipeline-dev' });
  expect(widgets.map(({ properties }) => [properties.title, properties.stat])).toEqual([
    ['Executions', 'Sum'],
    ['Duration of executions', 'Maximum'],
    ['Rows', 'Sum'],
    ['Throttled writes', 'Sum'],
    ['Events that could not start an execution', 'Maximum'],
    ['Cost: write units of the tables', 'Sum'],
    ['Cost: milliseconds of the functions', 'Sum'],
    ['Cost: invocations of the functions', 'Sum'],
  ]);
  for (const { properties, width, height } of widgets) {
    expect({ ...properties, width, height }).toMatchObject({
      region: 'eu-central-1',
      period: 300,
      width: 12,
      height: 6,
    });
  }
  const places = widgets.map(({ x, y }) => `${x} ${y}`);
  expect(new Set(places).size).toBe(places.length);
  expect(widgets.every(({ x, width }) => x + width <= 24)).toBe(true);
});

test('it shows the executions of this state machine by outcome, and their duration', () => {
  expect(metrics('Executions')).toEqual(
    ['Started', 'Succeeded', 'Failed', 'TimedOut', 'Aborted'].map((outcome) => [
      'AWS/States',
      `Executions${outcome}`,
      ...machine,
    ]),
  );
  expect(metrics('Duration of executions')).toEqual(
    Array(3).fill(['AWS/States', 'ExecutionTime', ...machine]),
  );
});

test('it shows the tables, the queue and the functions of this stack', () => {
  expect(metrics('Throttled writes')).toEqual(
    TABLES.map((table) => ['AWS/DynamoDB', 'WriteThrottleEvents', ...table]),
  );
  expect(metrics('Cost: write units of the tables')).toEqual(
    TABLES.map((table) => ['AWS/DynamoDB', 'ConsumedWriteCapacityUnits', ...table]),
  );
  expect(metrics('Events that could not start an execution')).toEqual([
    [
      'AWS/SQS',
      'ApproximateNumberOfMessagesVisible',
      'QueueName',
      '${aws_sqs_queue.trigger_dead-letter-queue.name}',
    ],
  ]);
  const names = Object.values(resources(stack, 'aws_lambda_function')).map((each) => each.function_name);
  for (const [title, metric] of [
    ['Cost: milliseconds of the functions', 'Duration'],
    ['Cost: invocations of the functions', 'Invocations'],
  ] as const) {
    const expected = names.map((name) => ['AWS/Lambda', metric, 'FunctionName', name]);
    expect(metrics(title).toSorted()).toEqual(expected.toSorted());
  }
});

test('it shows the row metrics with the dimensions that the functions publish', () => {
  const written: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    for (const dataset of ['results', 'orders'])
      countRows('dev', dataset, { RowsLoaded: 3, RowsRejected: 2, RowsDuplicate: 1 });
  } finally {
    write.mockRestore();
  }
  const counted = written.flatMap((line) => {
    const { _aws: aws, ...values } = JSON.parse(line);
    const [{ Namespace, Dimensions, Metrics }] = aws.CloudWatchMetrics;
    expect(Dimensions).toHaveLength(1);
    return Metrics.map(({ Name }: { Name: string }) => [
      Namespace,
      Name,
      ...Dimensions[0].flatMap((dimension: string) => [dimension, values[dimension]]),
    ]);
  });
  expect(counted).toHaveLength(6);
  expect(metrics('Rows')).toEqual(counted);
});
