import { part, resources, synthesized } from '../../support/stack/stack.ts';

const prod = synthesized('prod');

const alarm = (name: string, description: string, metric: object) => ({
  [`aws_cloudwatch_metric_alarm.alarms_${name}`]: {
    alarm_name: `csv-pipeline-prod-${name}`,
    alarm_description: description,
    ...metric,
    period: 300,
    evaluation_periods: 1,
    threshold: 1,
    comparison_operator: 'GreaterThanOrEqualToThreshold',
    treat_missing_data: 'notBreaching',
    alarm_actions: ['${aws_sns_topic.alarms_topic.arn}'],
  },
});

const executions = (name: string, metric: string) =>
  alarm(name, `${metric} of the state machine csv-pipeline-prod`, {
    namespace: 'AWS/States',
    metric_name: metric,
    dimensions: { StateMachineArn: '${aws_sfn_state_machine.workflow_state-machine.arn}' },
    statistic: 'Sum',
  });

test('the subscribers are notified of every kind of unsuccessful execution, and of every lost event', () => {
  expect(part(prod, 'alarms_')).toEqual({
    ...executions('executions-failed', 'ExecutionsFailed'),
    ...executions('executions-timed-out', 'ExecutionsTimedOut'),
    ...executions('executions-aborted', 'ExecutionsAborted'),
    ...executions('execution-throttled', 'ExecutionThrottled'),
    ...alarm('dead-letters', 'Events that could not start csv-pipeline-prod wait in the dead-letter queue', {
      namespace: 'AWS/SQS',
      metric_name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: '${aws_sqs_queue.trigger_dead-letter-queue.name}' },
      statistic: 'Maximum',
    }),
    'aws_sns_topic.alarms_topic': { name: 'csv-pipeline-prod-alarms' },
    'aws_sns_topic_subscription.alarms_subscription-1': {
      topic_arn: '${aws_sns_topic.alarms_topic.arn}',
      protocol: 'email',
      endpoint: 'data-oncall@example.com',
    },
  });
});

test('an environment without subscriptions still has a topic', () => {
  const dev = synthesized('dev');
  expect(resources(dev, 'aws_sns_topic_subscription')).toEqual({});
  expect(resources(dev, 'aws_sns_topic')).toEqual({ alarms_topic: { name: 'csv-pipeline-dev-alarms' } });
});
