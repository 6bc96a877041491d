/** Runs Terraform in the folder of a synthesized stack. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { adviceOn } from './advice.ts';
import { DeployError } from './errors.ts';

/**
 * Runs a Terraform command.
 * @param folder of the stack, which contains `cdk.tf.json`
 * @param shown whether to show the output as it is printed
 * @returns the output
 * @throws DeployError with Terraform's output, and advice if there is any.
 */
export async function terraform(
  folder: string,
  args: readonly string[],
  { shown }: { readonly shown: boolean } = { shown: false },
): Promise<string> {
  const child = spawn('terraform', args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TF_IN_AUTOMATION: '1', TF_INPUT: '0' },
  });
  // Ctrl-C also reaches Terraform, which then finishes its current operations and saves its state; this process waits.
  const wait = () => undefined;
  const passOn = () => child.kill('SIGINT');
  process.on('SIGINT', wait).on('SIGTERM', passOn);
  if (shown) child.stdout.pipe(process.stderr, { end: false });
  try {
    const [stdout, stderr, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject)),
    ]);
    if (code === 0) return stdout;
    throw new DeployError(explained(`terraform ${args[0]} failed.`, `${stderr}${stdout}`, stderr || stdout));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new DeployError(
        'Terraform is not on the PATH. Install 1.10 or later: https://developer.hashicorp.com/terraform/install',
      );
    }
    throw error;
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', passOn);
  }
}

function explained(what: string, all: string, said: string): string {
  const advice = adviceOn(all);
  return [what, said.trim(), ...(advice === undefined ? [] : [advice])].join('\n');
}
