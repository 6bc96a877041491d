/** What a synth has written, in memory. */

import path from 'node:path';
import { root } from '../../bench/measure/changed-program.ts';
import { filesUnder, runProgram } from '../support/stack/program.ts';

/** The files of all stacks, by their path under `stacks`. */
export type Stacks = ReadonlyMap<string, Buffer>;

/**
 * Synthesizes the project's stacks into the folder.
 * @param condition of package.json's `imports`
 * @throws Error with what was printed when the synth fails
 */
export function synthesizedUnder(condition: 'terrain' | 'default', outdir: string): Stacks {
  const { status, stderr } = runProgram(root, {
    CDKTF_OUTDIR: outdir,
    NODE_OPTIONS: `--conditions=${condition}`,
  });
  if (status !== 0) throw new Error(`The synth ended with ${status}:\n${stderr}`);
  return stacksIn(outdir);
}

/** The stacks that a synth has written there. */
export function stacksIn(outdir: string): Stacks {
  return filesUnder(path.join(outdir, 'stacks'));
}
