/**
 * `csv-pipeline plan`, `deploy` and `destroy` as separate processes, started in a folder that is not the project's, with a
 * plan of a fixture. A script replaces Terraform: it plans what the fixture contains, and logs its calls. A server replaces
 * SNS.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SNSClient } from '@aws-sdk/client-sns';
import { readPlan } from '../../../deploy/drift.ts';
import { startsEvents } from '../../../deploy/events.ts';
import { subscriptionWarning } from '../../../deploy/subscriptions.ts';
import { startServer } from '../../support/server.ts';
import { copyProgram } from '../../support/stack/program.ts';

const TERRAFORM = `#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
  plan*) : >plan.tfplan ;;
  'show -json') cat "$STATE" ;;
  'show -json'*) cat "$PLAN" ;;
  output*) echo arn:aws:sns:eu-central-1:111122223333:csv-pipeline-dev-alarms ;;
  show*) echo 'The plan, as Terraform shows it.' ;;
esac
`;

/** A state with a deployed function. */
const STATE = {
  values: {
    root_module: {
      resources: [
        {
          address: 'aws_lambda_function.fetch-csv_function',
          type: 'aws_lambda_function',
          values: { function_name: 'csv-pipeline-dev-fetch-csv', version: '2' },
        },
      ],
    },
  },
};

const SHOWN = 'The plan, as Terraform shows it.\n';

const LOSSES = [
  'The plan destroys data:',
  '  aws_dynamodb_table.airports_table (csv-pipeline-dev-airports) is destroyed',
  '  aws_dynamodb_table.results_table (csv-pipeline-dev-results) is replaced',
  '  aws_s3_bucket.source_bucket (csv-pipeline-dev-source-111122223333) is replaced',
  '',
].join('\n');

let folder: string;
let program: string;
let plan: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  program = join(folder, 'program');
  copyProgram(program, ['aws', 'bench', 'cli', 'deploy', 'local', 'report', 'tools']);
  plan = join(program, 'cdktf.out/stacks/csv-pipeline-dev/plan.tfplan');
  writeFileSync(join(folder, 'terraform'), TERRAFORM, { mode: 0o755 });
  writeFileSync(join(folder, 'state.json'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true }));

const LOSES_DATA = join(__dirname, '../../deploy/fixtures/loses-data.json');

type Subscription = readonly [arn: string, endpoint: string];

const CONFIRMED: Subscription = ['arn:aws:sns:eu-central-1:111122223333:csv-pipeline-dev-alarms:1', 'a@b.c'];

/** A server that has the subscriptions of the alarm topic. */
function startSns(subscriptions: readonly Subscription[] | 'denied') {
  const listed = subscriptions === 'denied' ? [] : subscriptions;
  const members = listed.map(
    ([arn, endpoint]) =>
      `<member><SubscriptionArn>${arn}</SubscriptionArn><Protocol>email</Protocol><Endpoint>${endpoint}</Endpoint></member>`,
  );
  return startServer((_request, _body, response) => {
    if (subscriptions === 'denied') {
      response
        .writeHead(403)
        .end('<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>');
      return;
    }
    response.end(
      `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${members.join('')}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
    );
  });
}

/** Runs a command for the environment `dev`, and answers its question with "yes". */
async function run(
  args: readonly string[],
  planned = LOSES_DATA,
  subscriptions: readonly Subscription[] | 'denied' = [CONFIRMED],
) {
  const sns = await startSns(subscriptions);
  const child = spawn(process.execPath, [join(program, 'cli/index.ts'), ...args, '--env', 'dev'], {
    cwd: folder,
    stdio: 'pipe',
    env: {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      CALLS: join(folder, 'calls'),
      PLAN: planned,
      STATE: join(folder, 'state.json'),
      AWS_ENDPOINT_URL: sns.url,
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    },
  });
  child.stdin.end('yes\n');
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  await sns.close();
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n');
  return { status, stdout, stderr, isApplied: calls.some((call) => call.startsWith('apply')) };
}

test('plan shows the plan, refuses it, and does not keep it', async () => {
  const { status, stdout, stderr } = await run(['plan']);
  expect({ status, stdout }).toEqual({ status: 1, stdout: SHOWN });
  expect(stderr).toContain(`error: ${LOSSES}`);
  expect(existsSync(dirname(plan))).toBe(true);
  expect(existsSync(plan)).toBe(false);
});

describe('a kept plan', () => {
  beforeEach(() => {
    mkdirSync(dirname(plan), { recursive: true });
    writeFileSync(plan, '');
  });

  test('is checked again, and not applied', async () => {
    const { status, stdout, stderr, isApplied } = await run(['deploy', '--planned']);
    expect({ status, stdout, isApplied }).toEqual({ status: 1, stdout: SHOWN, isApplied: false });
    expect(stderr).toContain(`error: ${LOSSES}`);
  });

  test('is applied with --allow-data-loss, which prints what is lost', async () => {
    expect(await run(['deploy', '--planned', '--allow-data-loss'])).toEqual({
      status: 0,
      stdout: SHOWN + LOSSES,
      // An alarm has a confirmed subscription, and the plan switches no events on, so there is no warning.
      stderr: '',
      isApplied: true,
    });
  });
});

test('destroy prints what is lost before it asks, and needs no option', async () => {
  const { status, stdout, stderr, isApplied } = await run(['destroy']);
  expect(stderr).toContain('Type yes to apply this: ');
  expect({ status, stdout, isApplied }).toEqual({ status: 0, stdout: SHOWN + LOSSES, isApplied: true });
});

/** A file with a plan that changes the notification of a bucket. */
function notificationPlan(before: object | null, after: object): string {
  const resource = { address: 'n', type: 'aws_s3_bucket_notification', mode: 'managed' };
  const plan = { resource_changes: [{ ...resource, change: { actions: ['update'], before, after } }] };
  const file = join(folder, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  return file;
}

describe('after a deploy', () => {
  beforeEach(() => {
    mkdirSync(dirname(plan), { recursive: true });
    writeFileSync(plan, '');
  });

  test('whoever deploys reads until when uploads are missed, how to load them, and that nobody is told of failures', async () => {
    const since = Date.now();
    const first = notificationPlan(null, { bucket: 'source', eventbridge: true });
    const { status, stderr } = await run(['deploy', '--planned'], first, []);
    expect(status).toBe(0);
    const [events, alarms, ...rest] = stderr.split('\n');
    expect(rest).toEqual(['']);
    expect(events).toMatch(
      /^warning: S3 starts to send the bucket's events .* To load such files, run this after that time: npm run uploads -- --env dev --start$/,
    );
    const until = Date.parse(/before (\S+Z) may start nothing/.exec(events ?? '')?.[1] ?? '');
    expect(until).toBeGreaterThan(since + 5 * 60_000 - 1_000);
    expect(until).toBeLessThanOrEqual(Date.now() + 5 * 60_000);
    expect(alarms).toBe(
      "warning: Nobody is told when an execution fails: the alarms' topic has no subscriptions. Set alarmSubscriptions in the environment's file, and deploy again.",
    );
  });

  test('subscriptions that cannot be read are an error, because nobody may be told; old versions of functions only a warning', async () => {
    writeFileSync(join(folder, 'state.json'), JSON.stringify(STATE));
    const { status, stderr } = await run(['deploy', '--planned'], notificationPlan({}, {}), 'denied');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^warning: The environment was deployed, but old versions of functions were not deleted: .*\nThe next deploy tries again\.\nerror: The environment is deployed, but whether anybody is told of alarms is not known\./s,
    );
  });
});

test.each([
  ['created with events', null, { eventbridge: true }, true],
  ['switched on', { eventbridge: false }, { eventbridge: true }, true],
  ['changed, but on already', { eventbridge: true, bucket: 'a' }, { eventbridge: true }, false],
  ['switched off', { eventbridge: true }, { eventbridge: false }, false],
  ['destroyed', { eventbridge: true }, null, false],
])("a bucket's notification that is %s", (_, before, after, expected) => {
  const change = { actions: ['update'], before, after };
  const resource = { address: 'n', type: 'aws_s3_bucket_notification', mode: 'managed', change };
  expect(startsEvents(readPlan(JSON.stringify({ resource_changes: [resource] })))).toBe(expected);
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
