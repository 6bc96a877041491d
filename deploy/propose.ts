/** Plans of an environment's stack, for a person to look at and to apply. */

import path from 'node:path';
import type { Environment } from '../environments/schema.ts';
import { compile } from './compile.ts';
import { type DataLoss, dataLosses } from './data-loss.ts';
import { type Plan, plannedChanges } from './drift.ts';
import { Stack } from './stack.ts';

const ROOT = path.join(import.meta.dirname, '..');

export interface Proposal {
  /** The plan as Terraform writes it for people. */
  readonly text: string;
  readonly hasChanges: boolean;
  readonly losses: readonly DataLoss[];
  /** Applies exactly this plan. */
  readonly apply: () => Promise<void>;
  /** Removes the plan, so that nobody can apply it. */
  readonly discard: () => Promise<void>;
}

/**
 * What a deploy would change; the plan is kept for {@link keptProposal}.
 * @throws DeployError when the project does not compile, or Terraform refuses.
 */
export async function proposePlan(environment: Environment): Promise<Proposal> {
  await compile(ROOT);
  const stack = await Stack.prepare(environment);
  // It takes no lock, so that it needs only to read; Terraform refuses a plan whose state has changed since.
  return proposal(stack, await stack.plan('-lock=false'));
}

/**
 * A deploy.
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
 * A deploy of the plan that was kept. It is not compiled again: what it applies was, and is synthesized already.
 * @throws DeployError when there is no plan, Terraform refuses, or a bucket's name is taken.
 */
export async function keptProposal(environment: Environment): Promise<Proposal> {
  const stack = await Stack.planned(environment);
  const plan = await stack.kept();
  await stack.check(plan);
  return proposal(stack, plan);
}

/**
 * The end of an environment.
 * @throws DeployError when Terraform refuses.
 */
export async function proposeDestroy(environment: Environment): Promise<Proposal> {
  const stack = await Stack.prepare(environment);
  return proposal(stack, await stack.plan('-destroy'));
}

async function proposal(stack: Stack, plan: Plan): Promise<Proposal> {
  return {
    text: await stack.readablePlan(),
    hasChanges: plannedChanges(plan).length > 0,
    losses: dataLosses(plan),
    apply: () => stack.apply(),
    discard: () => stack.discardPlan(),
  };
}
