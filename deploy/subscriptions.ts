/** Finds unmanaged subscriptions of the alarm topic, which Terraform does not notice because it only reads its own. */

import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import { z } from 'zod';
import type { Drift, Plan } from './drift.ts';

const topic = z.object({ arn: z.string() });
const subscription = z.object({ protocol: z.string(), endpoint: z.string() });

/** @throws the SDK's error when the topic cannot be read. */
export async function unmanagedSubscriptions(plan: Plan, client: SNSClient): Promise<readonly Drift[]> {
  const resources = plan.prior_state?.values?.root_module.resources ?? [];
  const own = resources
    .filter(({ type }) => type === 'aws_sns_topic_subscription')
    .map(({ values }) => nameOf(subscription.parse(values)));
  const drift: Drift[] = [];
  for (const { address, type, values } of resources) {
    if (type !== 'aws_sns_topic') continue;
    for await (const page of paginateListSubscriptionsByTopic(
      { client },
      { TopicArn: topic.parse(values).arn },
    )) {
      for (const { Protocol: protocol = '', Endpoint: endpoint = '' } of page.Subscriptions ?? []) {
        const found = nameOf({ protocol, endpoint });
        if (own.includes(found)) continue;
        drift.push({ resource: address, attribute: 'subscriptions', expected: own, found });
      }
    }
  }
  return drift;
}

function nameOf({ protocol, endpoint }: z.output<typeof subscription>): string {
  return `${protocol} ${endpoint}`;
}
