import type { LambdaContext } from './log.ts';

/** Milliseconds that a function reserves to finish its requests in flight and to return its progress. */
export const RESERVE = 10_000;

/** What the steps that read rows need besides their event. */
export interface StepSettings {
  readonly reportsBucket: string;
  /** Whether there is time for more rows. */
  readonly hasTime: () => boolean;
}

/** Whether a function has time for more work. */
export function hasTimeLeft(context: LambdaContext): boolean {
  return context.getRemainingTimeInMillis() > RESERVE;
}
