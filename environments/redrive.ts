/** How long a failed execution can be redriven, and thus needs what it was started with. */

import type { Environment } from './schema.ts';

/** Days after its end in which an execution can be redriven; source: `RedriveExecution` in the Step Functions API. */
const REDRIVE_DAYS = 14;

const DAY_MINUTES = 24 * 60;

/**
 * Days for which an execution that starts now may need what exists now: it runs, fails, is redriven at the last moment,
 * and then has its whole time again.
 */
export function redrivableDays({
  executionTimeoutMinutes,
}: Pick<Environment, 'executionTimeoutMinutes'>): number {
  return REDRIVE_DAYS + Math.ceil((2 * executionTimeoutMinutes) / DAY_MINUTES);
}
