/** Runs what a function does under its execution's lease in the ledger, and stops it once another one has its place. */

import { ServiceUnavailableError, SupersededError } from '../errors.ts';
import type { LambdaContext } from '../runtime/log.ts';
import type { LedgerEntry } from './ledger.ts';

/**
 * Milliseconds behind a function's time after which its execution counts as dead. Until then it was invoked again, if
 * it was to be: a Retry waits 60 seconds at the most, and a function that was killed is reported 10 seconds late.
 */
const EXECUTION_MARGIN = 90_000;

/** Milliseconds behind a function's time after which no request of it reaches the table any more. */
const WRITER_MARGIN = 10_000;

/** Milliseconds after which a function that writes looks whether the upload still is its execution's. */
const LOOK_INTERVAL = 2_000;

/** Until when a function that was just invoked keeps its execution alive, in milliseconds since 1970. */
export function leaseOf(context: LambdaContext): number {
  return Date.now() + context.getRemainingTimeInMillis() + EXECUTION_MARGIN;
}

/**
 * Runs a function's work, and notes in the ledger when it fails.
 * @throws SupersededError when the upload is another execution's; and what the work throws.
 */
export async function underLease<Result>(
  entry: LedgerEntry,
  context: LambdaContext,
  work: () => Promise<Result>,
  status: 'CHECKING' | 'LOADING' = 'CHECKING',
): Promise<Result> {
  await entry.renew(status, leaseOf(context));
  return noted(entry, work);
}

/** Runs what is covered by a lease already. */
export async function noted<Result>(entry: LedgerEntry, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // The state machine tries again what is unavailable, and nothing else that a function throws.
    if (error instanceof ServiceUnavailableError) await entry.shorten(Date.now() + EXECUTION_MARGIN);
    else if (!(error instanceof SupersededError)) {
      await entry.fail(error instanceof Error ? error.name : 'Error');
    }
    throw error;
  }
}

/**
 * Runs work that writes to the table, known to the ledger as a writer.
 * @param work is told by `isMine` whether it may go on; it ends soon after that was false. It calls `unanswered` when a
 * request that writes had no answer.
 * @throws SupersededError when the upload is another execution's, before or during the work; and what the work throws.
 */
export async function asWriter<Result>(
  entry: LedgerEntry,
  context: LambdaContext,
  work: (isMine: () => boolean, unanswered: () => void) => Promise<Result>,
): Promise<Result> {
  const writer = await entry.startWriting({
    writer: Date.now() + context.getRemainingTimeInMillis() + WRITER_MARGIN,
    execution: leaseOf(context),
  });
  let [isMine, isAnswered] = [true, true];
  const look = setInterval(async () => {
    // What cannot be looked up now is looked up the next time; until the lease ends, nobody else writes.
    isMine &&= await entry.isMine().catch(() => true);
  }, LOOK_INTERVAL);
  try {
    const result = await noted(entry, async () => {
      try {
        return await work(
          () => isMine,
          () => {
            isAnswered = false;
          },
        );
      } catch (error) {
        // What was cut off has failed for no other reason.
        if (isMine) throw error;
        return undefined;
      }
    });
    if (result === undefined || !isMine) throw entry.superseded();
    return result;
  } finally {
    clearInterval(look);
    // What a request asked for that had no answer may still be done, for as long as the lease allows for.
    if (isAnswered) await entry.stopWriting(writer);
  }
}

/** The result of a chunk's function: of one whose upload is another execution's, the chunk as it was. */
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
