import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Makes a folder for what the test files share: the stacks, and the code that their processes have compiled. */
export default function setUp(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'shared-'));
  process.env.SHARED_FOLDER = folder;
  process.env.NODE_COMPILE_CACHE = path.join(folder, 'compiled');
}
