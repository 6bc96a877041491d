/** `npm run drift` shows changes made by hand, and the next deploy reverts them. */

import { DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import { ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import type { Drift } from '../../deploy/drift.ts';
import { alterations } from './support/alterations.ts';
import { Checkout, succeeded } from './support/checkout.ts';
import { arn, clients } from './support/clients.ts';

const { events, lambda, sns } = clients();
const checkout = Checkout.deployed();

const drift = (...args: string[]) => checkout.npm('drift', ['--env', 'local', ...args]);

const place = ({ resource, attribute }: Pick<Drift, 'resource' | 'attribute'>) => `${resource} ${attribute}`;

/** Drift of other resources that follows from an alteration. */
const CONSEQUENCES = [
  'aws_cloudwatch_metric_alarm.alarms_dead-letters tags',
  'aws_sqs_queue_policy.trigger_dead-letter-policy *',
];

test('a failure has a different exit code than drift', async () => {
  const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
  expect((await checkout.npm('drift', ['--env', 'local'], { env })).code).toBe(1);
});

describe('after alterations by hand', () => {
  let found: readonly Drift[] = [];

  beforeAll(async () => {
    for (const { make } of alterations) await make();
    const json = await drift('--json');
    expect(json.code).toBe(2);
    found = JSON.parse(json.stdout);
  });

  test.each(alterations)('$what is shown', ({ resource, attribute }) => {
    expect(found.map(place)).toContain(place({ resource, attribute }));
  });

  test('nothing else is shown', () => {
    const expected = [...alterations.map(place), ...CONSEQUENCES];
    expect(found.filter((each) => !expected.includes(place(each)))).toEqual([]);
  });

  test('a deploy reverts everything except the subscription, which it does not manage', async () => {
    const FunctionName = 'csv-pipeline-local-validate-csv';
    const { Versions: before } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    const { stdout: said } = succeeded(await checkout.npm('deploy', ['--env', 'local', '--auto-approve']));
    expect(said).toContain('The code of aws_lambda_function.validate-csv_function was replaced by hand.');
    // Running executions need the versions, so the function may not be replaced.
    const { Versions: after } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(after?.length).toBeGreaterThanOrEqual(before?.length ?? Number.NaN);
    const rule = await events.send(new DescribeRuleCommand({ Name: 'csv-pipeline-local-trigger' }));
    expect(rule.State).toBe('ENABLED');
    const TopicArn = arn('sns', 'csv-pipeline-local-alarms');
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toHaveLength(1);
    const { code, stdout } = await drift();
    expect(code).toBe(2);
    expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['Resource', 'Attribute', 'Expected', 'Found'],
      ['aws_sns_topic.alarms_topic', 'subscriptions', '[]', 'email someone@example.com'],
      [''],
    ]);
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: Subscriptions?.[0]?.SubscriptionArn }));
    expect(await drift()).toMatchObject({ code: 0, stdout: 'No drift.\n' });
  });
});
