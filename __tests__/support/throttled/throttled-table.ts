import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface TableReport {
  readonly requests: number;
  /** Requests of which an item or more was refused. */
  readonly wasted: number;
  /** Keys. */
  readonly stored: number;
  /** Items taken in each second since the first request. */
  readonly perSecond: readonly number[];
}

export interface TableSettings {
  /** Writes a second. */
  readonly capacity: number;
  /** Seconds of unused capacity that the table saves; it starts full. */
  readonly burst: number;
  /** Milliseconds that an answer takes. */
  readonly latency: number;
}

/**
 * A table that speaks BatchWriteItem over HTTP and takes only so many writes a second. It is a process of its own, so
 * that it does not share an event loop with the writer.
 */
export async function startThrottledTable({
  capacity,
  burst,
  latency,
}: TableSettings): Promise<{ url: string; report: () => Promise<TableReport>; close: () => Promise<void> }> {
  const module = join(import.meta.dirname, 'throttled-table-process.ts');
  const child = fork(module, [capacity, burst, latency].map(String), { execArgv: [] });
  const [url] = await once(child, 'message');
  return {
    url,
    report: async () => {
      child.send('report');
      const [report] = await once(child, 'message');
      return report;
    },
    close: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
