/** Shows a plan, and asks before applying it. */

import { lossList, refuseDataLoss } from '../deploy/data-loss.ts';
import type { Proposal } from '../deploy/propose.ts';
import { printMessage } from '../report/terminal/print.ts';
import { confirmed } from './confirm.ts';
import { DONE, type ExitCode, FAILED } from './exit-codes.ts';

/**
 * Prints the plan, and the buckets and tables that it destroys.
 * @throws DeployError, which lists them, if there are any and their loss is not allowed.
 */
export function showProposal({ text, losses }: Proposal, allowDataLoss: boolean): void {
  process.stdout.write(text);
  if (!allowDataLoss) refuseDataLoss(losses);
  if (losses.length > 0) process.stdout.write(`The plan destroys data:\n${lossList(losses)}\n`);
}

/** Applies the plan. Asks first, unless it is already approved. */
export async function applyProposal({ hasChanges, apply }: Proposal, approved: boolean): Promise<ExitCode> {
  if (!hasChanges) return DONE;
  if (!approved && !(await confirmed('apply this'))) {
    process.stderr.write('Nothing was changed.\n');
    return FAILED;
  }
  await apply();
  return DONE;
}

/** Deletes old versions of functions. The deploy has succeeded already, so a failure is only a warning. */
export async function pruneVersions({ prune }: Proposal): Promise<void> {
  try {
    const deleted = await prune();
    if (deleted > 0) printMessage(`Deleted ${deleted} old versions of functions.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    printMessage(
      `warning: The environment was deployed, but old versions of functions were not deleted: ${reason}\nThe next deploy tries again.`,
    );
  }
}

/**
 * Prints what a person has to know after a deploy.
 * @throws DeployError when that cannot be found out.
 */
export async function showWarnings({ warnings }: Proposal): Promise<void> {
  for await (const warning of warnings()) printMessage(`warning: ${warning}`);
}
