import { rmSync } from 'node:fs';
import { shared } from './shared.ts';

export default async function tearDown(): Promise<void> {
  await shared.emulator?.close();
  if (shared.checkout !== undefined) rmSync(shared.checkout.folder, { recursive: true, force: true });
}
