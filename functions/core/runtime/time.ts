import type { LambdaContext } from './log.ts';

/** Milliseconds that a function reserves to finish its requests in flight and to return its progress. */
export const RESERVE = 10_000;

/** Whether a function has time for more work. */
export function hasTimeLeft(context: LambdaContext): boolean {
  return context.getRemainingTimeInMillis() > RESERVE;
}
