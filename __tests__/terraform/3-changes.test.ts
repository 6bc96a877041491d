/** A change of the sources or of the environment changes only the resources concerned. */

import { FUNCTION_NAMES } from '../../asl/pipeline.ts';
import { Checkout } from './support/checkout.ts';
import type { Change } from './support/planned.ts';

const checkout = Checkout.deployed();

const local = 'environments/local.ts';

/** The changes that are planned after replacing strings in files, which are restored afterwards. */
async function planned(...edits: readonly (readonly [file: string, from: string, to: string])[]) {
  const undo = edits.map(([file, from, to]) => checkout.edit(file, from, to));
  try {
    // The previous tests have just checked the deployed resources; a refresh would take most of the time.
    return (await checkout.plan('local', { args: ['-refresh=false'] })).changes;
  } finally {
    for (const each of undo.reverse()) each();
  }
}

const update = (address: string, ...attributes: string[]): Change => ({
  address,
  actions: ['update'],
  attributes,
});

const created = (address: string): Change => ({ address, actions: ['create'], attributes: [] });

/** Sorted by address. */
const inOrder = (changes: readonly Change[]) =>
  [...changes].sort((left, right) => left.address.localeCompare(right.address));

/** Its definition names the version of a changed function, which is known only after the deploy. */
const namesVersion = update('aws_sfn_state_machine.workflow_state-machine');

test('a changed line in one function changes only that function, and the version that is invoked', async () => {
  const changes = await planned([
    'functions/judge-csv/index.ts',
    'export const handler',
    'globalThis.name = "changed";\nexport const handler',
  ]);
  expect(changes).toEqual([
    update('aws_lambda_function.judge-csv_function', 'source_code_hash'),
    namesVersion,
  ]);
});

test('a changed comment changes nothing', async () => {
  expect(
    await planned(
      ['functions/core/steps/judge.ts', '/**', '/** Changed.'],
      ['constructs/workflow.ts', '/**', '/** Changed.'],
    ),
  ).toEqual([]);
});

test('a DISTRIBUTED Map changes the state machine, its role and the maximum number of chunks', async () => {
  const changes = await planned([local, "mapMode: 'INLINE'", "mapMode: 'DISTRIBUTED'"]);
  expect(changes).toEqual([
    update('aws_iam_role_policy.workflow_policy', 'policy'),
    update('aws_lambda_function.fetch-csv_function', 'environment'),
    namesVersion,
  ]);
});

test('another log retention changes only the log groups', async () => {
  const changes = await planned([local, 'logRetentionDays: 1', 'logRetentionDays: 3']);
  expect(changes).toEqual(
    inOrder(
      [...FUNCTION_NAMES, 'workflow'].map((name) =>
        update(`aws_cloudwatch_log_group.${name}_log-group`, 'retention_in_days'),
      ),
    ),
  );
});

test('an alarm subscription adds one resource', async () => {
  const changes = await planned([
    local,
    'deletionProtection: false',
    "deletionProtection: false, alarmSubscriptions: [{ protocol: 'email', endpoint: 'a@example.com' }]",
  ]);
  expect(changes).toEqual([created('aws_sns_topic_subscription.alarms_subscription-1')]);
});

test('a notification adds its topic with a subscription, and its rule', async () => {
  const changes = await planned([
    local,
    'deletionProtection: false',
    "deletionProtection: false, notifications: [{ on: ['rejected'], protocol: 'email', endpoint: 'a@example.com' }]",
  ]);
  expect(inOrder(changes)).toEqual(
    inOrder(
      [
        'aws_cloudwatch_event_rule.notifications_rule-1',
        'aws_cloudwatch_event_target.notifications_target-1',
        'aws_sns_topic.notifications_topic-1',
        'aws_sns_topic_policy.notifications_policy-1',
        'aws_sns_topic_subscription.notifications_subscription-1',
      ].map((address) => created(address)),
    ),
  );
});
