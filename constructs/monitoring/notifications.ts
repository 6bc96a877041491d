/** Notifies people and programs of how uploads end. */

import { Construct } from 'constructs';
import { CloudwatchEventRule } from '#aws/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '#aws/cloudwatch-event-target';
import { SnsTopic } from '#aws/sns-topic';
import { SnsTopicPolicy } from '#aws/sns-topic-policy';
import { SnsTopicSubscription } from '#aws/sns-topic-subscription';
import { TOLD_ERRORS } from '../../asl/errors.ts';
import { type DetailType, EVENT_SOURCE } from '../../asl/upload-event.ts';
import type { KeySettings } from '../data-protection.ts';
import { policyDocument } from '../iam.ts';

/** The events of the state machine, by what an environment calls them. */
const DETAIL_TYPES = {
  loaded: 'Upload Loaded',
  rejected: 'Upload Rejected',
  failed: 'Upload Failed',
} as const satisfies Record<string, DetailType>;

export interface NotificationSettings {
  /** Who is notified, and of what. */
  readonly notifications: readonly {
    readonly on: readonly (keyof typeof DETAIL_TYPES)[];
    readonly protocol: string;
    readonly endpoint: string;
  }[];
}

export interface NotificationsProps extends NotificationSettings, KeySettings {
  /** The pipeline's name. */
  readonly name: string;
  readonly stateMachineArn: string;
}

/**
 * Executions that end without an event of their own. Execution names have no quotes, which the template would need to
 * escape. The pattern's `error` is that of the execution.
 */
function untold(stateMachineArn: string): object {
  return {
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: {
      stateMachineArn: [stateMachineArn],
      $or: [
        { status: ['TIMED_OUT', 'ABORTED'] },
        { status: ['FAILED'], error: [{ 'anything-but': TOLD_ERRORS }] },
      ],
    },
  };
}

/** A topic for each notification, because a subscriber gets all that a topic gets. */
export class Notifications extends Construct {
  constructor(scope: Construct, id: string, props: NotificationsProps) {
    super(scope, id);
    for (const [index, { on, protocol, endpoint }] of props.notifications.entries()) {
      const number = index + 1;
      const name = `${props.name}-notifications-${number}`;
      const topic = new SnsTopic(this, `topic-${number}`, {
        name,
        ...(props.keyArn !== undefined && { kmsMasterKeyId: props.keyArn }),
      });
      new SnsTopicSubscription(this, `subscription-${number}`, { topicArn: topic.arn, protocol, endpoint });
      const rule = new CloudwatchEventRule(this, `rule-${number}`, {
        name,
        description: `An upload of ${props.name} is ${on.join(' or ')}`,
        state: 'ENABLED',
        eventPattern: JSON.stringify({
          source: [EVENT_SOURCE],
          'detail-type': on.map((outcome) => DETAIL_TYPES[outcome]),
          detail: { pipeline: [props.name] },
        }),
      });
      const ended = on.includes('failed')
        ? new CloudwatchEventRule(this, `untold-rule-${number}`, {
            name: `${name}-untold`,
            description: `An execution of ${props.name} ended without an event of its own`,
            state: 'ENABLED',
            eventPattern: JSON.stringify(untold(props.stateMachineArn)),
          })
        : undefined;
      const policy = new SnsTopicPolicy(this, `policy-${number}`, {
        arn: topic.arn,
        policy: policyDocument([
          {
            Sid: 'AllowRules',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: topic.arn,
            Condition: { ArnEquals: { 'aws:SourceArn': [rule, ended].flatMap((each) => each?.arn ?? []) } },
          },
        ]),
      });
      new CloudwatchEventTarget(this, `target-${number}`, {
        rule: rule.name,
        targetId: 'topic',
        arn: topic.arn,
        inputPath: '$.detail.message',
        dependsOn: [policy],
      });
      if (ended === undefined) continue;
      new CloudwatchEventTarget(this, `untold-target-${number}`, {
        rule: ended.name,
        targetId: 'topic',
        arn: topic.arn,
        inputTransformer: {
          inputPaths: { name: '$.detail.name', status: '$.detail.status' },
          inputTemplate: `"${props.name} could not load an upload: its execution <name> ended as <status>."`,
        },
        dependsOn: [policy],
      });
    }
  }
}
