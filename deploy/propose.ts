/** Plans changes to an environment's stack, for a person to review and apply. */

import path from 'node:path';
import type { Environment } from '../environments/schema.ts';
import { restorationNote } from './code.ts';
import { compile } from './compile.ts';
import { type DataLoss, dataLosses } from './data-loss.ts';
import { type Plan, plannedChanges } from './drift.ts';
import { Stack } from './stack.ts';

const ROOT = path.join(import.meta.dirname, '..');

export interface Proposal {
  /** The plan in Terraform's human-readable form. */
  readonly text: string;
  readonly hasChanges: boolean;
  readonly losses: readonly DataLoss[];
  /** Applies exactly this plan. */
  readonly apply: () => Promise<void>;
  /** Deletes versions of functions that no execution can need any more, and returns their number. */
  readonly prune: () => Promise<number>;
  /** What a person has to know once the plan is applied, or if there is nothing to apply. */
  readonly warnings: () => AsyncIterable<string>;
  /** Removes the plan, so that nobody can apply it. */
  readonly discard: () => Promise<void>;
}

/**
 * Plans a deploy, and keeps the plan for {@link keptProposal}.
 * @throws DeployError when the project does not compile, or Terraform refuses.
 */
export async function proposePlan(environment: Environment): Promise<Proposal> {
  await compile(ROOT);
  const stack = await Stack.prepare(environment);
  // Without a lock, so that read permissions are enough; Terraform refuses a plan if the state has changed since.
  return proposal(stack, await stack.plan('-lock=false'));
}

/**
 * Plans a deploy that is applied now.
 * @throws DeployError when the project does not compile, Terraform refuses, or a bucket's name is taken.
 */
export async function proposeDeploy(environment: Environment): Promise<Proposal> {
  await compile(ROOT);
  const stack = await Stack.prepare(environment);
  const plan = await stack.plan();
  await stack.check(plan);
  return proposal(stack, plan);
}

/**
 * Returns the plan that {@link proposePlan} kept. Its stack has already been compiled and synthesized.
 * @throws DeployError when there is no plan, Terraform refuses, or a bucket's name is taken.
 */
export async function keptProposal(environment: Environment): Promise<Proposal> {
  const stack = await Stack.planned(environment);
  const plan = await stack.kept();
  await stack.check(plan);
  return proposal(stack, plan);
}

/**
 * Plans the destruction of an environment.
 * @throws DeployError when Terraform refuses.
 */
export async function proposeDestroy(environment: Environment): Promise<Proposal> {
  const stack = await Stack.prepare(environment);
  return proposal(stack, await stack.plan('-destroy'));
}

async function proposal(stack: Stack, plan: Plan): Promise<Proposal> {
  const note = restorationNote(plan);
  return {
    text: `${await stack.readablePlan()}${note}`,
    hasChanges: plannedChanges(plan).length > 0 || note !== '',
    losses: dataLosses(plan),
    apply: () => stack.apply(),
    prune: () => stack.prune(),
    warnings: () => stack.warnings(plan),
    discard: () => stack.discardPlan(),
  };
}
