/** Reports the resources of this process to the benchmark that started it. */

import { peakOf } from '../measure/processes.ts';

/** Prints the peak memory and the CPU time since the process started, or since an earlier usage. */
export function reportUsage(since?: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(since);
  const usage = { cpuSeconds: (user + system) / 1e6, peakBytes: peakOf(process.pid) };
  process.stdout.write(`${JSON.stringify(usage)}\n`);
}
