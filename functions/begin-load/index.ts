import { leaseOf } from '../core/ledger/lease.ts';
import type { BeginEvent, BeginResult } from '../core/messages.ts';
import { lambdaHandler } from '../core/runtime/log.ts';
import { assertOwnBucket, ledgerEntry } from '../core/runtime/settings.ts';
import { ledgerClient } from '../core/storage/aws.ts';

const ledger = ledgerClient();

/** Tells whether the load may begin: not before the last writer of another execution has stopped, or its lease ended. */
export const handler = lambdaHandler<BeginEvent, BeginResult>(async ({ source, execution }, context) => {
  assertOwnBucket(source.bucket);
  return { ready: await ledgerEntry(ledger, source, execution).beginLoad(leaseOf(context)) };
});
