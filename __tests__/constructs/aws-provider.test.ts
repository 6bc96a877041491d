import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../bench/measure/changed-program.ts';
import { nodeRuntime } from '../../constructs/aws-provider.ts';
import { runProgram } from '../support/stack/program.ts';
import { readStack } from '../support/stack/stack.ts';

let outdir: string;
beforeAll(() => {
  outdir = mkdtempSync(path.join(tmpdir(), 'aws-provider-'));
  const variables = { CDKTF_OUTDIR: outdir, OFFLINE_AWS_PROVIDER_VERSION: '5.100.0' };
  expect(runProgram(root, variables)).toMatchObject({ status: 0 });
});
afterAll(() => rmSync(outdir, { recursive: true }));

test.each([
  [undefined, 'nodejs24.x'],
  ['6.25.0', 'nodejs24.x'],
  ['5.100.0', 'nodejs22.x'],
])('with version %s of the provider the runtime is %s', (awsProviderVersion, runtime) => {
  expect(nodeRuntime({ awsProviderVersion })).toBe(runtime);
});

test('local takes the version that a mirror has, and credentials that AWS refuses', () => {
  const { json } = readStack(path.join(outdir, 'stacks/csv-pipeline-local'));
  expect(json.terraform).toMatchObject({ required_providers: { aws: { version: '5.100.0' } } });
  expect(json.provider).toMatchObject({
    aws: [{ access_key: 'test', secret_key: 'test', s3_use_path_style: true }],
  });
});

test('no other environment heeds a mirror, or has credentials in it', () => {
  const { json } = readStack(path.join(outdir, 'stacks/csv-pipeline-dev'));
  expect(json.terraform).toMatchObject({ required_providers: { aws: { version: '6.25.0' } } });
  expect(JSON.stringify(json.provider)).not.toMatch(/access_key|secret/);
});
