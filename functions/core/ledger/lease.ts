/** Runs a function's work under its lease in the ledger, and stops it once another execution claims the upload. */

import { ServiceUnavailableError, SupersededError } from '../errors.ts';
import type { LambdaContext } from '../runtime/log.ts';
import type { LedgerEntry } from './ledger.ts';

/**
 * Milliseconds after a function's timeout until its execution counts as dead. A function that is to be retried has been
 * invoked again by then: a Retry waits at most 60 seconds, and Lambda reports a killed function up to 10 seconds late.
 * Only an execution whose invocations Lambda throttles for longer counts as dead while it still runs; once another
 * execution has taken over its upload, its next invocation finds that out and stops.
 */
export const EXECUTION_MARGIN = 90_000;

/** Milliseconds after a function's timeout until none of its requests can reach the table any more. */
const WRITER_MARGIN = 10_000;

/** Milliseconds between two checks that the upload of a writing function still belongs to its execution. */
const CHECK_INTERVAL = 2_000;

/** When the lease of an execution ends whose function was just invoked, in milliseconds since 1970. */
export function leaseEnd(context: LambdaContext): number {
  return Date.now() + context.getRemainingTimeInMillis() + EXECUTION_MARGIN;
}

/**
 * Renews the execution's lease, runs a function's work, and records in the ledger if it fails.
 * @throws SupersededError when another execution has claimed the upload; and whatever the work throws.
 */
export async function underLease<Result>(
  entry: LedgerEntry,
  context: LambdaContext,
  work: () => Promise<Result>,
  status: 'CHECKING' | 'LOADING' = 'CHECKING',
): Promise<Result> {
  await entry.renew(status, leaseEnd(context));
  return recordingFailure(entry, work);
}

/** Runs work that a lease already covers, and records in the ledger if it fails. */
export async function recordingFailure<Result>(
  entry: LedgerEntry,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // Of the errors that a function throws, this is the only one that the state machine retries.
    if (error instanceof ServiceUnavailableError) await entry.shorten(Date.now() + EXECUTION_MARGIN);
    else if (!(error instanceof SupersededError)) {
      await entry.fail(error instanceof Error ? error.name : 'Error');
    }
    throw error;
  }
}

/**
 * Runs work that writes to the table, registered as a writer in the ledger.
 * @param work must end soon after `isOwner` first returns false, call `unanswered` when one of its write requests gets no
 * answer, and have none in flight when it ends, even with an error.
 * @throws SupersededError when another execution claims the upload before or during the work; and whatever the work
 * throws.
 */
export async function asWriter<Result>(
  entry: LedgerEntry,
  context: LambdaContext,
  work: (isOwner: () => boolean, unanswered: () => void) => Promise<Result>,
): Promise<Result> {
  const writer = await entry.startWriting({
    writer: Date.now() + context.getRemainingTimeInMillis() + WRITER_MARGIN,
    execution: leaseEnd(context),
  });
  let [isOwner, isAnswered] = [true, true];
  const ownershipCheck = setInterval(async () => {
    // A check that fails is repeated at the next interval; nobody else writes until the lease ends. A slow check may end
    // after a later one, and what it found is outdated then: ownership once lost is never regained.
    if (!(await entry.isOwner().catch(() => true))) isOwner = false;
  }, CHECK_INTERVAL);
  try {
    const result = await recordingFailure(entry, async () => {
      try {
        return await work(
          () => isOwner,
          () => {
            isAnswered = false;
          },
        );
      } catch (error) {
        // Work that was cut off fails for that reason alone, which is not a failure to record.
        if (isOwner) throw error;
        return undefined;
      }
    });
    if (result === undefined || !isOwner) throw entry.superseded();
    return result;
  } finally {
    clearInterval(ownershipCheck);
    // A request without an answer may still take effect, so its writer stays registered until its lease ends.
    if (isAnswered) await entry.stopWriting(writer);
  }
}

/** The result of a chunk's function; the unchanged chunk when another execution has claimed the upload. */
export async function orSuperseded<Chunk>(
  chunk: Chunk,
  work: Promise<Chunk>,
): Promise<Chunk & { readonly superseded: boolean }> {
  try {
    return { ...(await work), superseded: false };
  } catch (error) {
    if (error instanceof SupersededError) return { ...chunk, superseded: true };
    throw error;
  }
}
