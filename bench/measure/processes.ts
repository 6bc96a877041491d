/** Measures the resources of the functions' processes, as the kernel counts them. */

import { type ChildProcess, execFileSync, type ForkOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FUNCTION_NAMES } from '../../asl/pipeline.ts';
import { Workspace } from '../../local/workspace.ts';

/** The ticks per second of the times in `/proc/PID/stat`, whatever the rate of the kernel's clock; source: proc(5). */
const TICKS_PER_SECOND = 100;

/**
 * The processors for the measured processes and for the endpoints. They are separate because the same work takes more CPU
 * time on a processor that other processes share.
 */
export const [MEASURED, ENDPOINTS] = processors();

/** Two processors that this process may use; the same one twice if there is only one. */
function processors(): readonly [string, string] {
  const [, allowed = '0'] =
    /Cpus_allowed_list:\s+(\S+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const all = allowed.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  });
  const [measured = '0', endpoints = measured] = all;
  return [measured, endpoints];
}

/** Pins a process and all of its threads to one processor. */
export function pin(pid: number | undefined, processor: string): void {
  execFileSync('taskset', ['-apc', processor, String(pid)], { stdio: 'ignore' });
}

/** The resources that all processes of one function used. */
export interface Usage {
  readonly processes: number;
  /** The peak resident memory of the largest process, in bytes. */
  readonly peakBytes: number;
  /** The CPU seconds of all processes together, including their start. */
  readonly cpuSeconds: number;
}

/** A workspace that knows which of its processes run which function. */
export class ObservedWorkspace extends Workspace {
  readonly #functions = new Map<number, string>();

  override fork(module: string, args: readonly string[], options: ForkOptions): ChildProcess {
    const child = super.fork(module, args, options);
    const name = options.env?.AWS_LAMBDA_FUNCTION_NAME;
    const processor = name === undefined ? ENDPOINTS : MEASURED;
    pin(child.pid, processor);
    if (name !== undefined && child.pid !== undefined) {
      this.#functions.set(child.pid, FUNCTION_NAMES.find((short) => name.endsWith(`-${short}`)) ?? name);
    }
    return child;
  }

  /**
   * The resources that each invoked function has used so far.
   * @throws Error when one of the processes has ended, because its figures are lost, or when there is no `/proc`.
   */
  usage(): Record<string, Usage> {
    const all: Record<string, Usage> = {};
    for (const [pid, name] of this.#functions) {
      const { processes, peakBytes, cpuSeconds } = all[name] ?? { processes: 0, peakBytes: 0, cpuSeconds: 0 };
      all[name] = {
        processes: processes + 1,
        peakBytes: Math.max(peakBytes, peakOf(pid)),
        cpuSeconds: cpuSeconds + cpuSecondsOf(pid),
      };
    }
    return all;
  }
}

/** The peak resident memory in bytes. `process.resourceUsage().maxRSS` would include the parent before the fork. */
export function peakOf(pid: number): number {
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1_024;
}

/** The CPU time in user and kernel mode: fields 14 and 15. Field 2 is a name, which may contain anything. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
