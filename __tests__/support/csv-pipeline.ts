/** Runs the program `csv-pipeline` in this process, which costs less than a process of its own. */

import { main } from '../../cli/program.ts';

/** @returns the exit code, and what the command printed. */
export async function csvPipeline(...args: readonly string[]) {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      printed[stream] += text;
      return true;
    }),
  );
  try {
    const code = await main(args);
    return { code, ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs the program in this process, in another folder. */
export async function csvPipelineIn(folder: string, ...args: readonly string[]) {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await csvPipeline(...args);
  } finally {
    process.chdir(before);
  }
}
