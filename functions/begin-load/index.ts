import { leaseEnd } from '../core/ledger/lease.ts';
import type { BeginResult, Job } from '../core/messages.ts';
import { jobHandler } from '../core/task.ts';
import { manifest } from './manifest.ts';

/** Begins the load, unless another execution still has a writer with a valid lease. */
export const handler = jobHandler(manifest, async (_: Job, { entry, context }): Promise<BeginResult> => {
  const load = await entry.beginLoad(leaseEnd(context));
  return load === undefined ? { ready: false } : { ready: true, load };
});
