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
import { copyProgram } from '../../../bench/measure/changed-program.ts';
import { onlyInFull } from '../../support/full-run.ts';
import { type Subscription, startSns } from '../../support/sns.ts';

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
  '  aws_kms_key.encryption_key (1234abcd-12ab-34cd-56ef-1234567890ab) is destroyed',
  '  aws_s3_bucket.source_bucket (csv-pipeline-dev-source-111122223333) is replaced',
  '',
].join('\n');

let folder: string;
let program: string;
let plan: string;
beforeAll(() => {
  program = mkdtempSync(join(tmpdir(), 'program-'));
  copyProgram(program, ['aws', 'bench', 'cli', 'deploy', 'local', 'report', 'tools']);
});
afterAll(() => rmSync(program, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  rmSync(join(program, 'cdktf.out'), { recursive: true, force: true });
  plan = join(program, 'cdktf.out/stacks/csv-pipeline-dev/plan.tfplan');
  writeFileSync(join(folder, 'terraform'), TERRAFORM, { mode: 0o755 });
  writeFileSync(join(folder, 'state.json'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true }));

const LOSES_DATA = join(__dirname, '../../deploy/fixtures/loses-data.json');

/** Runs a command for the environment `dev`, and answers its question with "yes". */
async function run(
  args: readonly string[],
  {
    planned = LOSES_DATA,
    subscriptions = [],
  }: { readonly planned?: string; readonly subscriptions?: readonly Subscription[] | 'denied' } = {},
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

onlyInFull(() => {
  test('destroy prints what is lost before it asks, and needs no option', async () => {
    const { status, stdout, stderr, isApplied } = await run(['destroy']);
    expect(stderr).toContain('Type yes to apply this: ');
    expect({ status, stdout, isApplied }).toEqual({ status: 0, stdout: SHOWN + LOSSES, isApplied: true });
  });

  test('plan shows the plan, refuses it, and does not keep it', async () => {
    const { status, stdout, stderr } = await run(['plan']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: SHOWN });
    expect(stderr).toContain(`error: ${LOSSES}`);
    expect(existsSync(dirname(plan))).toBe(true);
    expect(existsSync(plan)).toBe(false);
  });
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
      stderr:
        "warning: Nobody is told when an execution fails: the alarms' topic has no subscriptions. Set alarmSubscriptions in the environment's file, and deploy again.\n",
      isApplied: true,
    });
  });
});

test('whoever deploys reads until when uploads are missed, how to load them, whether anybody is told of failures, and that old versions of functions are left', async () => {
  writeFileSync(join(folder, 'state.json'), JSON.stringify(STATE));
  mkdirSync(dirname(plan), { recursive: true });
  writeFileSync(plan, '');
  const change = { actions: ['create'], before: null, after: { bucket: 'source', eventbridge: true } };
  const resource = { address: 'n', type: 'aws_s3_bucket_notification', mode: 'managed', change };
  const planned = join(folder, 'plan.json');
  writeFileSync(planned, JSON.stringify({ resource_changes: [resource] }));

  const since = Date.now();
  const { status, stderr } = await run(['deploy', '--planned'], { planned, subscriptions: 'denied' });
  expect(status).toBe(1);
  // The server answers for Lambda, too, and refuses.
  expect(stderr).toMatch(
    /^warning: The environment was deployed, but old versions of functions were not deleted: .*\nThe next deploy tries again\.\nwarning: S3 starts to send the bucket's events .*: npm run uploads -- --env dev --start\nerror: The environment is deployed, but whether anybody is told of alarms is not known\./s,
  );
  const until = Date.parse(/before (\S+Z) may start nothing/.exec(stderr)?.[1] ?? '');
  expect(until).toBeGreaterThan(since + 5 * 60_000 - 1_000);
  expect(until).toBeLessThanOrEqual(Date.now() + 5 * 60_000);
});
