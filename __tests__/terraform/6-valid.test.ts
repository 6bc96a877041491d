/** `terraform validate` accepts every environment's stack. */

import { environmentNames } from '../../environments/index.ts';
import { Checkout, succeeded } from './support/checkout.ts';

const checkout = Checkout.deployed();
const mirrored = process.env.OFFLINE_AWS_PROVIDER_VERSION;

beforeAll(async () => {
  // A mirror has a single version of the provider; without a mirror, stacks are validated unchanged.
  const undo = environmentNames
    .filter((name) => mirrored !== undefined && name !== 'local')
    .map((name) => {
      const version = `awsProviderVersion: '${mirrored}',\n  deletionProtection:`;
      return checkout.edit(`environments/${name}.ts`, 'deletionProtection:', version);
    });
  succeeded(await checkout.run('npx', ['--no-install', 'cdktf', 'synth']));
  for (const each of undo) each();
});

test.each(environmentNames)('%s', async (name) => {
  if (name !== 'local') {
    succeeded(await checkout.terraform(name, ['init', '-backend=false', '-input=false']));
  }
  const { stdout } = succeeded(await checkout.terraform(name, ['validate', '-json']));
  expect(JSON.parse(stdout)).toMatchObject({ valid: true, error_count: 0, warning_count: 0 });
});
