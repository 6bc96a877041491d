/**
 * Synthesizes the stack of an environment into a folder, and sends its parent the outcome. It has its own process
 * because cdktf and esbuild use a lot of memory and do not free it.
 */

import { synthesize } from '../../main.ts';

async function synthesis(
  environment: string,
  outdir: string,
): Promise<{ folder: string } | { problem: string }> {
  try {
    return { folder: await synthesize(environment, outdir) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

if (import.meta.main) {
  const [environment = '', outdir = ''] = process.argv.slice(2);
  // Ctrl-C reaches every process of the terminal, but the parent decides when this one ends.
  process.on('SIGINT', () => undefined);
  process.send?.(await synthesis(environment, outdir), () => process.exit());
}
