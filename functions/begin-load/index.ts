import { ledgerClient } from '../core/aws.ts';
import { leaseOf } from '../core/lease.ts';
import { lambdaHandler } from '../core/log.ts';
import type { BeginEvent, BeginResult } from '../core/messages.ts';
import { assertOwnBucket, ledgerEntry } from '../core/settings.ts';

const ledger = ledgerClient();

/** Tells whether the load may begin: not before the last writer of another execution has stopped, or its lease ended. */
export const handler = lambdaHandler<BeginEvent, BeginResult>(async ({ source, execution }, context) => {
  assertOwnBucket(source.bucket);
  return { ready: await ledgerEntry(ledger, source, execution).beginLoad(leaseOf(context)) };
});
