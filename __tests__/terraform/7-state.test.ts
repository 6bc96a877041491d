/** The state in S3: its bucket, the migration to it, and concurrent deployments. */

import { cpSync, rmSync } from 'node:fs';
import {
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { Checkout, succeeded } from './support/checkout.ts';
import { clients } from './support/clients.ts';

const { s3 } = clients();
const checkout = Checkout.deployed();
const Bucket = 'csv-pipeline-state-123456789012';
const Key = 'csv-pipeline-local/terraform.tfstate';

const deploy = (from: Checkout) => from.npm('deploy', ['--env', 'local', '--auto-approve']);

test('a stack creates the bucket: versioned, encrypted and only for TLS', async () => {
  const version = process.env.OFFLINE_AWS_PROVIDER_VERSION;
  const file = 'environments/state.ts';
  checkout.edit(file, "accountId: '111122223333'", "accountId: '123456789012'");
  checkout.edit(file, 'csv-pipeline-state-111122223333', Bucket);
  checkout.edit(file, "'eu-central-1'", "'us-east-1'");
  checkout.edit(
    file,
    'emulated: false',
    version === undefined ? 'emulated: true' : `emulated: true, awsProviderVersion: '${version}'`,
  );
  succeeded(await checkout.cdktf('deploy', 'state'));
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
  const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  expect(encryption.ServerSideEncryptionConfiguration?.Rules?.[0]).toMatchObject({
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
  });
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  expect(JSON.parse(Policy ?? '').Statement).toEqual([expect.objectContaining({ Sid: 'DenyPlainText' })]);
});

test('one command migrates a local state to it, without changes', async () => {
  checkout.edit(
    'environments/local.ts',
    "{ type: 'local' }",
    `{ type: 's3', bucket: '${Bucket}', region: 'us-east-1' }`,
  );
  const refused = await deploy(checkout);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('npx cdktf deploy STACK --migrate-state');
  const args = ['cdktf', 'deploy', 'csv-pipeline-local', '--auto-approve', '--migrate-state'];
  succeeded(await checkout.run('npx', ['--no-install', ...args, '--skip-provider-lock']));
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
    ServerSideEncryption: 'AES256',
  });
  expect(await checkout.plan('local')).toEqual({ code: 0, changes: [] });
});

test('if someone else holds the lock, the message says who, and nothing changes', async () => {
  const lock = { Bucket, Key: `${Key}.tflock` };
  const Body = JSON.stringify({
    ID: '7b1a5a1e-0000-4000-8000-000000000000',
    Operation: 'OperationTypeApply',
    Who: 'someone@elsewhere',
    Version: '1.11.4',
    Created: '2026-01-02T03:04:05Z',
    Path: `${Bucket}/${Key}`,
  });
  await s3.send(new PutObjectCommand({ ...lock, Body }));
  const { code, stderr } = await deploy(checkout);
  expect(code).toBe(1);
  expect(stderr).toContain('someone@elsewhere');
  expect(stderr).toContain('Someone else is deploying this environment');
  await s3.send(new DeleteObjectCommand(lock));
});

test('one of two concurrent deployments fails on the lock, and the state stays intact', async () => {
  checkout.edit('environments/local.ts', 'logRetentionDays: 1', 'logRetentionDays: 3');
  const other = Checkout.create();
  try {
    for (const edited of ['datasets', 'environments'])
      cpSync(checkout.path(edited), other.path(edited), { recursive: true });
    const before = succeeded(await checkout.terraform('local', ['state', 'list'])).stdout;
    const both = await Promise.all([deploy(checkout), deploy(other)]);
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1]);
    const failed = both.find(({ code }) => code === 1);
    expect(failed?.stderr).toMatch(
      /Someone else is deploying this environment|has changed since the plan was made/,
    );
    expect(succeeded(await checkout.terraform('local', ['state', 'list'])).stdout).toBe(before);
    expect(await other.plan('local')).toEqual({ code: 0, changes: [] });
  } finally {
    rmSync(other.folder, { recursive: true });
  }
});
