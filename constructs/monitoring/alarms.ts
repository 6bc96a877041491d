/** Notifies the subscribers when an execution does not succeed, or an event cannot start one. */

import { Construct } from 'constructs';
import { CloudwatchMetricAlarm } from '#aws/cloudwatch-metric-alarm';
import { SnsTopic } from '#aws/sns-topic';
import { SnsTopicSubscription } from '#aws/sns-topic-subscription';
import type { KeySettings } from '../data-protection.ts';

export interface AlarmSettings {
  /** Who is notified. */
  readonly alarmSubscriptions: readonly { readonly protocol: string; readonly endpoint: string }[];
}

export interface AlarmsProps extends AlarmSettings, KeySettings {
  readonly name: string;
  readonly stateMachineArn: string;
  readonly deadLetterQueueName: string;
}

/** Metrics in `AWS/States` by alarm name; source: "Monitoring metrics" in the Step Functions developer guide. */
const executionMetrics = {
  'executions-failed': 'ExecutionsFailed',
  'executions-timed-out': 'ExecutionsTimedOut',
  'executions-aborted': 'ExecutionsAborted',
  'execution-throttled': 'ExecutionThrottled',
};

export class Alarms extends Construct {
  readonly topicArn: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { name } = props;

    // Not encrypted with the AWS managed key for SNS, which CloudWatch may not use. No message contains data.
    const topic = new SnsTopic(this, 'topic', {
      name: `${name}-alarms`,
      ...(props.keyArn !== undefined && { kmsMasterKeyId: props.keyArn }),
    });
    this.topicArn = topic.arn;
    for (const [index, { protocol, endpoint }] of props.alarmSubscriptions.entries()) {
      new SnsTopicSubscription(this, `subscription-${index + 1}`, {
        topicArn: topic.arn,
        protocol,
        endpoint,
      });
    }

    /** Goes off when the metric is above zero in any period of five minutes. */
    const alarm = (
      id: string,
      description: string,
      metric: {
        readonly namespace: string;
        readonly metricName: string;
        readonly dimensions: Record<string, string>;
        readonly statistic: 'Sum' | 'Maximum';
      },
    ) =>
      new CloudwatchMetricAlarm(this, id, {
        alarmName: `${name}-${id}`,
        alarmDescription: description,
        ...metric,
        period: 300,
        evaluationPeriods: 1,
        threshold: 1,
        comparisonOperator: 'GreaterThanOrEqualToThreshold',
        treatMissingData: 'notBreaching',
        alarmActions: [topic.arn],
      });

    for (const [id, metricName] of Object.entries(executionMetrics)) {
      alarm(id, `${metricName} of the state machine ${name}`, {
        namespace: 'AWS/States',
        metricName,
        dimensions: { StateMachineArn: props.stateMachineArn },
        statistic: 'Sum',
      });
    }
    alarm('dead-letters', `Events that could not start ${name} wait in the dead-letter queue`, {
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: props.deadLetterQueueName },
      // This metric is a level and not a count of events: its sum would count a waiting message once per minute.
      statistic: 'Maximum',
    });
  }
}
