import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Makes a folder for what the test files share: the stacks, and the code that their processes have compiled. */
export default function setUp(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'shared-'));
  process.env.SHARED_FOLDER = folder;
  process.env.NODE_COMPILE_CACHE = path.join(folder, 'compiled');
  // It is for Terraform, and the tests of the stack expect the version that the environments have without it.
  delete process.env.OFFLINE_AWS_PROVIDER_VERSION;
}
