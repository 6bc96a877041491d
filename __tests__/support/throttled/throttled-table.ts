import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface TableReport {
  readonly requests: number;
  /** Number of requests with at least one unprocessed item. */
  readonly wasted: number;
  /** Keys. */
  readonly stored: number;
  /** Items written in each second since the first request. */
  readonly perSecond: readonly number[];
}

export interface TableSettings {
  /** Writes per second. */
  readonly capacity: number;
  /** Seconds of unused capacity that the table saves; it starts full. */
  readonly burst: number;
  /** Milliseconds that each response takes. */
  readonly latency: number;
}

/**
 * A table that supports BatchWriteItem over HTTP and accepts a limited number of writes per second. It runs in a
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
