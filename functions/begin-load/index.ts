import { leaseEnd, recordingFailure } from '../core/ledger/lease.ts';
import type { BeginEvent } from '../core/messages.ts';
import { beginLoad } from '../core/steps/begin-load.ts';
import { jobHandler } from '../core/task.ts';
import { manifest } from './manifest.ts';

/** Begins the load, unless another execution still has a writer with a valid lease. */
export const handler = jobHandler(manifest, (event: BeginEvent, { entry, context, dataset }) =>
  recordingFailure(entry, () => beginLoad(event, dataset, entry, leaseEnd(context))),
);
