/** What a person has to know after a deploy. */

import { SNSClient } from '@aws-sdk/client-sns';
import { readPlan } from '../../deploy/drift.ts';
import { startsEvents } from '../../deploy/events.ts';
import { subscriptionWarning } from '../../deploy/subscriptions.ts';
import { type Subscription, startSns } from '../support/sns.ts';

const CONFIRMED: Subscription = ['arn:aws:sns:eu-central-1:111122223333:csv-pipeline-dev-alarms:1', 'a@b.c'];

interface Change {
  readonly actions?: readonly string[];
  readonly before: object | null;
  readonly after: object | null;
}

/** A plan that changes one resource. */
function planOf(type: string, { actions = ['update'], ...change }: Change) {
  const resource = { address: `${type}.one`, type, mode: 'managed', change: { actions, ...change } };
  return readPlan(JSON.stringify({ resource_changes: [resource] }));
}

test.each([
  ['created with events', null, { eventbridge: true }, true],
  ['switched on', { eventbridge: false }, { eventbridge: true }, true],
  ['changed, but on already', { eventbridge: true, bucket: 'a' }, { eventbridge: true }, false],
  ['switched off', { eventbridge: true }, { eventbridge: false }, false],
  ['destroyed', { eventbridge: true }, null, false],
])("a bucket's notification that is %s", (_, before, after, expected) => {
  expect(startsEvents(planOf('aws_s3_bucket_notification', { before, after }))).toBe(expected);
});

test('a deploy that completes an interrupted one may have switched the events on, too', () => {
  const target = (actions: string[]) =>
    planOf('aws_cloudwatch_event_target', { actions, before: null, after: {} });
  expect(startsEvents(target(['create']))).toBe(true);
  expect(startsEvents(target(['update']))).toBe(false);
});

test.each([
  ['none', [], 'Nobody is told when an execution fails: '],
  ['a deleted one', [['Deleted', 'a@b.c']], 'Nobody is told when an execution fails: '],
  [
    'an unconfirmed one',
    [['PendingConfirmation', 'a@b.c']],
    'until a subscription is confirmed. AWS has sent a link for that to email a@b.c.',
  ],
  [
    'some unconfirmed ones',
    [
      CONFIRMED,
      ...Array.from({ length: 7 }, (_, number) => ['PendingConfirmation', `${number}@b.c`] as const),
    ],
    'These subscribers are not told of alarms until they confirm their subscriptions: email 0@b.c, email 1@b.c, email 2@b.c, email 3@b.c, email 4@b.c and 2 more.',
  ],
  ['a confirmed one', [CONFIRMED], undefined],
] satisfies [string, Subscription[], string | undefined][])(
  'of the subscriptions of the alarms there is %s',
  async (_, subscriptions, expected) => {
    const sns = await startSns(subscriptions);
    const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
    const client = new SNSClient({ region: 'eu-central-1', endpoint: sns.url, credentials });
    const warning = await subscriptionWarning('arn:aws:sns:eu-central-1:111122223333:topic', client);
    if (expected === undefined) expect(warning).toBeUndefined();
    else expect(warning).toContain(expected);
    client.destroy();
    await sns.close();
  },
);
