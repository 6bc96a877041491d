import { nodeRuntime } from '../../constructs/aws-provider.ts';
import { synthesized } from '../support/stack/stack.ts';

afterEach(() => {
  delete process.env.OFFLINE_AWS_PROVIDER_VERSION;
});

test.each([
  [undefined, 'nodejs24.x'],
  ['6.25.0', 'nodejs24.x'],
  ['5.100.0', 'nodejs22.x'],
])('with version %s of the provider the runtime is %s', (awsProviderVersion, runtime) => {
  expect(nodeRuntime({ awsProviderVersion })).toBe(runtime);
});

test("local uses the mirror's provider version, and credentials that AWS rejects", () => {
  process.env.OFFLINE_AWS_PROVIDER_VERSION = '5.100.0';
  const { json } = synthesized('local');
  expect(json.terraform).toMatchObject({ required_providers: { aws: { version: '5.100.0' } } });
  expect(json.provider).toMatchObject({
    aws: [{ access_key: 'test', secret_key: 'test', s3_use_path_style: true }],
  });
});

test('other environments ignore the mirror, and contain no credentials', () => {
  process.env.OFFLINE_AWS_PROVIDER_VERSION = '5.100.0';
  const { json } = synthesized('dev');
  expect(json.terraform).toMatchObject({ required_providers: { aws: { version: '6.25.0' } } });
  expect(JSON.stringify(json.provider)).not.toMatch(/access_key|secret/);
});
