/**
 * Synthesizes the stack of the given environment into the given folder, and sends what came of it. In a process of its
 * own, because cdktf and esbuild take much memory and do not give it back.
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
  // Ctrl-C reaches every process of the terminal; the one that started this one decides when it ends.
  process.on('SIGINT', () => undefined);
  process.send?.(await synthesis(environment, outdir), () => process.exit());
}
