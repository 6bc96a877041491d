import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DeployError } from './errors.ts';

const COMPILER = join(import.meta.dirname, '../node_modules/typescript/bin/tsc');

/**
 * Compiles a project. Node.js runs TypeScript without checking its types, so it would deploy what does not compile.
 * @param folder with a `tsconfig.json`
 * @throws DeployError with what the compiler said.
 */
export async function compile(folder: string): Promise<void> {
  const child = spawn(process.execPath, [COMPILER, '--pretty', 'false'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject)),
  ]);
  if (code === 0) return;
  throw new DeployError(
    `The project does not compile, so nothing was planned. Correct these errors first:\n${`${stdout}${stderr}`.trim()}`,
  );
}
