import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface TableReport {
  readonly requests: number;
  /** Requests of which at least one item was refused. */
  readonly wasted: number;
  /** Number of keys in the table. */
  readonly stored: number;
  /** Items accepted in each second since the first request. */
  readonly perSecond: readonly number[];
}

export interface TableSettings {
  /** Writes per second. */
  readonly capacity: number;
  /** Seconds of unused capacity that the table saves; it starts full. */
  readonly burst: number;
  /** Milliseconds until a response is sent. */
  readonly latency: number;
}

/**
 * Starts a table that speaks BatchWriteItem over HTTP and accepts a limited number of writes per second. It is a
 * separate process, so that it does not share an event loop with the writer.
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
