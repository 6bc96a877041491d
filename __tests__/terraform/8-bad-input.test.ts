/** Refused deployments say what to do and create nothing; interrupted ones can be completed. */

import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListRolesCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, DeleteBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { Checkout, succeeded } from './support/checkout.ts';
import { clients } from './support/clients.ts';

const { dynamodb, iam, s3 } = clients();
const checkout = Checkout.deployed();

const local = 'environments/local.ts';

/** The error output of `npm run plan` after a change in a file, which is restored afterwards. */
async function refusal(
  [file, from, to]: readonly [file: string, from: string, to: string],
  { env = {}, expected = 1 } = {},
): Promise<string> {
  const undo = checkout.edit(file, from, to);
  try {
    const { code, stderr } = await checkout.npm('plan', ['--env', 'local'], { env });
    expect(code).toBe(expected);
    return stderr;
  } finally {
    undo();
  }
}

test('an unknown environment', async () => {
  const { code, stderr } = await checkout.npm('plan', ['--env', 'nowhere']);
  expect(code).toBe(2);
  expect(stderr).toContain('Allowed choices are local, dev, staging, prod, pr-NUMBER.');
});

test('the wrong account', async () => {
  const stderr = await refusal([local, "accountId: '123456789012'", "accountId: '999999999999'"]);
  expect(stderr).toContain('The credentials belong to a different account');
});

test('a region without arm64 functions', async () => {
  const stderr = await refusal([local, "region: 'us-east-1',\n", "region: 'eu-north-7',\n"], { expected: 2 });
  expect(stderr).toContain('must be a region in which Lambda supports arm64 functions');
});

test('a Terraform that is too old', async () => {
  const stderr = await refusal(['constructs/pipeline-stack.ts', "'>= 1.10'", "'>= 99'"]);
  expect(stderr).toContain('This Terraform is too old');
});

test('no Terraform at all', async () => {
  const env = { PATH: checkout.path('nothing') };
  const { code, stderr } = await checkout.run(process.execPath, ['cli/index.ts', 'plan', '--env', 'local'], {
    env,
  });
  expect(code).toBe(1);
  expect(stderr).toContain('Terraform is not on the PATH');
});

/** The emulator's credentials. */
const KEYS = "      accessKey: 'test',\n      secretKey: 'test',\n";

test('no credentials', async () => {
  const stderr = await refusal(['constructs/aws-provider.ts', KEYS, ''], {
    env: {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_CONFIG_FILE: '/dev/null',
    },
  });
  expect(stderr).toContain('There are no AWS credentials');
});

test('an emulated environment without an emulator', async () => {
  const { code, stderr } = await checkout.npm('plan', ['--env', 'local'], { env: { AWS_ENDPOINT_URL: '' } });
  expect(code).toBe(2);
  expect(stderr).toContain('Set AWS_ENDPOINT_URL to its address');
});

test('sources that do not compile', async () => {
  const signature = 'stackName(environmentName: string)';
  const stderr = await refusal(['main.ts', `${signature}: string`, `${signature}: number`]);
  expect(stderr).toContain('The project does not compile');
  expect(stderr).toContain('main.ts(');
});

test('a table that the plan would destroy, whose plan cannot be applied either', async () => {
  const stderr = await refusal([local, ", airports: 'airports/'", '']);
  expect(stderr).toContain('(csv-pipeline-local-airports) is destroyed');
  expect(stderr).toContain('--allow-data-loss');
  const { code, stderr: unplanned } = await checkout.npm('deploy', ['--env', 'local', '--planned']);
  expect(code).toBe(1);
  expect(unplanned).toContain('There is no kept plan for the environment');
});

describe('a preview environment', () => {
  const args = ['--env', 'pr-5', '--auto-approve'];
  const Bucket = 'csv-pipeline-pr-5-source-123456789012';

  /** Its existing resources. */
  async function made(): Promise<readonly string[]> {
    const roles = (await iam.send(new ListRolesCommand({}))).Roles?.map(({ RoleName }) => String(RoleName));
    const buckets = (await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => String(Name));
    const tables = (await dynamodb.send(new ListTablesCommand({}))).TableNames;
    const names = [roles, buckets, tables].flatMap((each) => each ?? []);
    return names.filter((name) => name.includes('csv-pipeline-pr-5'));
  }

  beforeAll(() => {
    checkout.edit('environments/preview.ts', "{ dev } from './dev.ts'", "{ local as dev } from './local.ts'");
  });

  test('is not created if one of its bucket names is taken', async () => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    const { code, stderr } = await checkout.npm('deploy', args);
    expect(code).toBe(1);
    expect(stderr).toContain(`The bucket ${Bucket} already exists`);
    expect(await made()).toEqual([Bucket]);
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });

  test('is completed by the next deploy after an interruption', async () => {
    let interrupted = false;
    const first = await checkout.npm('deploy', args, {
      onOutput: (output, interrupt) => {
        // While the provider waits and creates nothing: an interrupted request may leave a resource behind that
        // Terraform does not know; see docs/deploy.md.
        if (interrupted || !/aws_s3_bucket_lifecycle\S+ Still creating... \[40s elapsed\]/.test(output))
          return;
        interrupted = true;
        interrupt();
      },
    });
    expect(interrupted).toBe(true);
    expect(first.code).not.toBe(0);
    expect(await made()).not.toEqual([]);
    const { stderr } = succeeded(await checkout.npm('deploy', args));
    expect(stderr).toMatch(/warning: S3 starts to send .* npm run uploads -- --env pr-5 --start\n/);
    expect(await checkout.npm('drift', ['--env', 'pr-5'])).toMatchObject({ code: 0 });
    expect(await made()).toHaveLength(19);
  });

  test('can be destroyed', async () => {
    succeeded(await checkout.npm('destroy', args));
    expect(await made()).toEqual([]);
  });
});
