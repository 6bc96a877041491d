/** Shows what would be changed on AWS, and asks before it is. */

import { createInterface } from 'node:readline/promises';
import { lossList, refuseDataLoss } from '../deploy/data-loss.ts';
import type { Proposal } from '../deploy/propose.ts';
import { DONE, type ExitCode, FAILED } from './exit-codes.ts';

/**
 * Prints the plan, and the data that is lost by it.
 * @throws DeployError when data would be lost that may not be; the error lists it.
 */
export function showProposal({ text, losses }: Proposal, allowDataLoss: boolean): void {
  process.stdout.write(text);
  if (!allowDataLoss) refuseDataLoss(losses);
  if (losses.length > 0) process.stdout.write(`The plan destroys data:\n${lossList(losses)}\n`);
}

/** Applies the plan, after asking unless it is approved already. */
export async function applyProposal({ hasChanges, apply }: Proposal, approved: boolean): Promise<ExitCode> {
  if (!hasChanges) return DONE;
  if (!approved && !(await confirmed())) {
    process.stderr.write('Nothing was changed.\n');
    return FAILED;
  }
  await apply();
  return DONE;
}

async function confirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Type yes to apply this: ');
  terminal.close();
  return answer === 'yes';
}
