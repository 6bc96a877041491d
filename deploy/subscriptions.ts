/**
 * The subscriptions of the alarm topic, as AWS has them. Terraform reads only its own, and does not tell whether they are
 * confirmed.
 */

import { paginateListSubscriptionsByTopic, type SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { z } from 'zod';
import type { Drift, Plan } from './drift.ts';

const topic = z.object({ arn: z.string() });
const subscription = z.object({ protocol: z.string(), endpoint: z.string() });

/** Unconfirmed subscriptions that a warning names. */
const MAX_NAMED = 5;

/**
 * Subscriptions that Terraform does not manage.
 * @throws the SDK's error when the topic cannot be read.
 */
export async function unmanagedSubscriptions(plan: Plan, client: SNSClient): Promise<readonly Drift[]> {
  const resources = plan.prior_state?.values?.root_module.resources ?? [];
  const own = resources
    .filter(({ type }) => type === 'aws_sns_topic_subscription')
    .map(({ values }) => nameOf(subscription.parse(values)));
  const drift: Drift[] = [];
  for (const { address, type, values } of resources) {
    if (type !== 'aws_sns_topic') continue;
    for await (const { Protocol: protocol = '', Endpoint: endpoint = '' } of subscriptionsOf(
      topic.parse(values).arn,
      client,
    )) {
      const found = nameOf({ protocol, endpoint });
      if (own.includes(found)) continue;
      drift.push({ resource: address, attribute: 'subscriptions', expected: own, found });
    }
  }
  return drift;
}

/**
 * Says that nobody is told of an alarm, or that some subscribers are not told yet; undefined if all are told.
 * @throws the SDK's error when the topic cannot be read.
 */
export async function subscriptionWarning(topicArn: string, client: SNSClient): Promise<string | undefined> {
  let isAnyConfirmed = false;
  const unconfirmed: string[] = [];
  for await (const { SubscriptionArn = '', Protocol = '', Endpoint = '' } of subscriptionsOf(
    topicArn,
    client,
  )) {
    // Source: "ListSubscriptionsByTopic", SNS API reference: "PendingConfirmation" or "Deleted" replace the ARN.
    if (SubscriptionArn.startsWith('arn:')) isAnyConfirmed = true;
    else if (SubscriptionArn !== 'Deleted')
      unconfirmed.push(nameOf({ protocol: Protocol, endpoint: Endpoint }));
  }
  const named = unconfirmed.slice(0, MAX_NAMED).join(', ');
  const more = unconfirmed.length > MAX_NAMED ? ` and ${unconfirmed.length - MAX_NAMED} more` : '';
  if (isAnyConfirmed) {
    return unconfirmed.length === 0
      ? undefined
      : `These subscribers are not told of alarms until they confirm their subscriptions: ${named}${more}.`;
  }
  return unconfirmed.length === 0
    ? "Nobody is told when an execution fails: the alarms' topic has no subscriptions. Set alarmSubscriptions in the environment's file, and deploy again."
    : `Nobody is told when an execution fails, until a subscription is confirmed. AWS has sent a link for that to ${named}${more}.`;
}

/** @throws the SDK's error when the topic cannot be read. */
async function* subscriptionsOf(topicArn: string, client: SNSClient): AsyncGenerator<Subscription, void> {
  for await (const page of paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn })) {
    yield* page.Subscriptions ?? [];
  }
}

function nameOf({ protocol, endpoint }: z.output<typeof subscription>): string {
  return `${protocol} ${endpoint}`;
}
