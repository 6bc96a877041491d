/** Deploys the environment `local` once, for all tests. */

import path from 'node:path';
import { Checkout, succeeded } from './checkout.ts';
import { Emulator } from './emulator.ts';
import { shared } from './shared.ts';
import tearDown from './tear-down.ts';
import { checkTools, mirrorVariables } from './tools.ts';

export default async function setUp(): Promise<void> {
  await checkTools();
  for (const name of Object.keys(process.env)) if (/^(AWS|TF)_/.test(name)) delete process.env[name];
  Object.assign(process.env, await mirrorVariables(path.join(__dirname, '../../..')));
  try {
    await deploy();
  } catch (error) {
    // jest skips the tear-down if the set-up fails.
    await tearDown();
    throw error;
  }
}

async function deploy(): Promise<void> {
  const emulator = await Emulator.start();
  shared.emulator = emulator;
  const checkout = Checkout.create();
  shared.checkout = checkout;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: emulator.url,
    // Otherwise cdktf redraws its screen for each line.
    CI: '1',
    DEPLOYED_CHECKOUT: checkout.folder,
  });
  succeeded(await checkout.cdktf('deploy', 'local'));
}
