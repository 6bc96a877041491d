import type { LambdaContext } from './log.ts';

/** Milliseconds that a function keeps to finish what is under way and to report how far it is. */
export const RESERVE = 10_000;

/** Tells, whenever it is asked, whether a function has time for more. */
export function timeLeft(context: LambdaContext): () => boolean {
  return () => context.getRemainingTimeInMillis() > RESERVE;
}
