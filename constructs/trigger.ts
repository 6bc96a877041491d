/** Starts the workflow for each CSV file that is uploaded to a bucket, and keeps the events that could not start it. */

import { Construct } from 'constructs';
import { CloudwatchEventRule } from '#aws/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '#aws/cloudwatch-event-target';
import { SqsQueue } from '#aws/sqs-queue';
import { SqsQueuePolicy } from '#aws/sqs-queue-policy';
import { CSV_SUFFIXES } from '../functions/core/container/containers.ts';
import type { KeySettings } from './data-protection.ts';
import { allow, denyPlainText, policyDocument, type RoleSettings, serviceRole } from './iam.ts';

export interface TriggerSettings extends RoleSettings {
  readonly accountId: string;
}

export interface TriggerProps extends TriggerSettings, KeySettings {
  /** The pipeline's name. */
  readonly name: string;
  readonly bucketName: string;
  readonly stateMachineArn: string;
}

/** Seconds in a day. */
const DAY = 86_400;

export class Trigger extends Construct {
  readonly deadLetterQueueName: string;

  constructor(scope: Construct, id: string, props: TriggerProps) {
    super(scope, id);
    const { bucketName, stateMachineArn } = props;
    const name = `${props.name}-trigger`;

    const rule = new CloudwatchEventRule(this, 'rule', {
      name,
      description: `A CSV file was uploaded to the bucket of ${props.name}`,
      // Without this, Terraform would not notice that someone disabled the rule by hand.
      state: 'ENABLED',
      eventPattern: JSON.stringify({
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [bucketName] },
          object: {
            key: CSV_SUFFIXES.map((suffix) => ({ suffix: { 'equals-ignore-case': suffix } })),
          },
        },
      }),
    });

    const queue = new SqsQueue(this, 'dead-letter-queue', {
      name: `${name}-dead-letters`,
      messageRetentionSeconds: 14 * DAY,
      ...(props.keyArn === undefined
        ? { sqsManagedSseEnabled: true }
        : { kmsMasterKeyId: props.keyArn, kmsDataKeyReusePeriodSeconds: DAY }),
    });
    this.deadLetterQueueName = queue.name;
    const queuePolicy = new SqsQueuePolicy(this, 'dead-letter-policy', {
      queueUrl: queue.url,
      policy: policyDocument([
        {
          Sid: 'AllowRule',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: queue.arn,
          Condition: { ArnEquals: { 'aws:SourceArn': rule.arn } },
        },
        denyPlainText('sqs', [queue.arn]),
      ]),
    });

    const { role, policy } = serviceRole(this, {
      name,
      service: 'events.amazonaws.com',
      sourceAccount: props.accountId,
      sourceArn: rule.arn,
      permissionsBoundary: props.permissionsBoundary,
      statements: [allow(['states:StartExecution'], [stateMachineArn])],
    });
    new CloudwatchEventTarget(this, 'target', {
      rule: rule.name,
      targetId: 'workflow',
      arn: stateMachineArn,
      roleArn: role.arn,
      // Not an input transformer, which inserts the key into JSON unescaped: a quote in a key could forge the input. Not
      // the whole detail, which has the uploader's account and IP address.
      inputPath: '$.detail.object',
      // The maximum that EventBridge allows.
      retryPolicy: { maximumEventAgeInSeconds: DAY, maximumRetryAttempts: 185 },
      deadLetterConfig: { arn: queue.arn },
      dependsOn: [policy, queuePolicy],
    });
  }
}
