/** What the processes of the functions take, as the kernel counts it. */

import { type ChildProcess, execFileSync, type ForkOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FUNCTION_NAMES } from '../../asl/pipeline.ts';
import { Workspace } from '../../local/workspace.ts';

/** Ticks in a second of the times in `/proc/PID/stat`, whatever the rate of the kernel's own clock; source: proc(5). */
const TICKS = 100;

/**
 * Processors for what is measured, and for the endpoints: apart, because the kernel counts a process's time, and on a
 * processor that others use at the same time the same work takes more of it.
 */
export const [MEASURED, ENDPOINTS] = processors();

/** Two that this process may use; the same one twice where there is no other. */
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

/** Keeps a process, with all its threads, to one processor. */
export function pin(pid: number | undefined, processor: string): void {
  execFileSync('taskset', ['-apc', processor, String(pid)], { stdio: 'ignore' });
}

/** What all processes of one function took. */
export interface Usage {
  readonly processes: number;
  /** Bytes: the most resident memory that any one of them ever had. */
  readonly peakBytes: number;
  /** Of all of them together, their start included. */
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
   * What each function that was invoked has taken so far.
   * @throws Error when one of its processes is gone, and what it took with it; or where there is no `/proc`.
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

/** Bytes. Not what `process.resourceUsage()` calls `maxRSS`: in it is the process, too, that forked this one. */
export function peakOf(pid: number): number {
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1_024;
}

/** In user mode and in the kernel: fields 14 and 15, the second of which, a name, may hold anything. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
