import { leaseOf } from '../core/ledger/lease.ts';
import type { BeginResult, Job } from '../core/messages.ts';
import { jobHandler } from '../core/runtime/task.ts';
import { manifest } from './manifest.ts';

/** Begins the load, unless a writer of another execution has neither stopped nor run out of its lease. */
export const handler = jobHandler(
  manifest,
  async (_: Job, { entry, context }): Promise<BeginResult> => ({
    ready: await entry.beginLoad(leaseOf(context)),
  }),
);
