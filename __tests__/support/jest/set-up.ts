import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Makes the folder for the stacks that the test files share. */
export default function setUp(): void {
  process.env.STACKS_FOLDER = mkdtempSync(path.join(tmpdir(), 'stacks-'));
}
