/** What this process took, for the bench that started it. */

import { peakOf } from '../measure/processes.ts';

/** Prints the processor time since the process started, or `since` a usage taken earlier, and its peak memory. */
export function reportUsage(since?: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(since);
  const usage = { cpuSeconds: (user + system) / 1e6, peakBytes: peakOf(process.pid) };
  process.stdout.write(`${JSON.stringify(usage)}\n`);
}
