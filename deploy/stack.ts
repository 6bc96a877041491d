/** One environment's stack, synthesized and initialized. */

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Environment } from '../environments/schema.ts';
import { stackName, synthesize } from '../main.ts';
import { UsageError } from '../report/terminal/errors.ts';
import { checkBuckets } from './buckets.ts';
import { type Drift, driftOf, type Plan, readPlan, replacedCode } from './drift.ts';
import { DeployError } from './errors.ts';
import { unmanagedSubscriptions } from './subscriptions.ts';
import { terraform } from './terraform.ts';

/** Name of the plan's file in the stack's folder. */
const PLAN = 'plan.tfplan';

/** Where stacks are synthesized, whatever folder the command runs in: a local state is next to it. */
const OUT = path.join(import.meta.dirname, '../cdktf.out');

export class Stack {
  readonly environment: Environment;
  /** Contains `cdk.tf.json`, `assets` and the plan, once there is one. */
  readonly folder: string;

  private constructor(environment: Environment, folder: string) {
    this.environment = environment;
    this.folder = folder;
  }

  /**
   * Synthesizes the stack of an environment into `cdktf.out`, and initializes Terraform there.
   * @throws UsageError when the environment is emulated and no emulator's address is set.
   * @throws DeployError when Terraform cannot be initialized.
   */
  static async prepare(environment: Environment): Promise<Stack> {
    checkEmulator(environment);
    const stack = new Stack(environment, await synthesize(environment.name, OUT));
    await stack.initialize();
    return stack;
  }

  /**
   * The stack as an earlier run left it in `cdktf.out`, together with its plan.
   * @throws UsageError when the environment is emulated and no emulator's address is set.
   * @throws DeployError when there is no plan.
   */
  static async planned(environment: Environment): Promise<Stack> {
    checkEmulator(environment);
    const { name } = environment;
    const stack = new Stack(environment, path.join(OUT, 'stacks', stackName(name)));
    if (!existsSync(path.join(stack.folder, PLAN))) {
      throw new DeployError(
        `There is no kept plan for the environment ${name}. Run npm run plan -- --env ${name} first.`,
      );
    }
    await stack.initialize();
    return stack;
  }

  /**
   * Makes a plan that corrects everything that Terraform can correct, and saves it in the stack's folder.
   * @param args additional arguments for `terraform plan`
   */
  async plan(...args: string[]): Promise<Plan> {
    const first = await this.#plan(args);
    // The provider does not notice code that was changed by hand, so such a function has to be replaced.
    const replacements = replacedCode(first).map(({ resource }) => `-replace=${resource}`);
    return replacements.length === 0 ? first : this.#plan([...args, ...replacements]);
  }

  /** Everything that differs from what the environment declares. Needs only read permissions. */
  async drift(): Promise<readonly Drift[]> {
    const plan = await this.#plan(['-lock=false']);
    return [...driftOf(plan), ...(await unmanagedSubscriptions(plan, new SNSClient(this.#client())))];
  }

  /** The plan that was saved last. */
  async kept(): Promise<Plan> {
    return readPlan(await terraform(this.folder, ['show', '-json', PLAN]));
  }

  /** @throws DeployError when a bucket that the plan creates already exists. */
  check(plan: Plan): Promise<void> {
    return checkBuckets(plan, new S3Client({ ...this.#client(), forcePathStyle: this.environment.emulated }));
  }

  /** Applies exactly the saved plan. */
  async apply(): Promise<void> {
    await terraform(this.folder, ['apply', '-no-color', PLAN], { shown: true });
  }

  /** Removes the plan. */
  async discardPlan(): Promise<void> {
    await rm(path.join(this.folder, PLAN));
  }

  /** The plan in Terraform's human-readable form. */
  readablePlan(): Promise<string> {
    return terraform(this.folder, ['show', '-no-color', PLAN]);
  }

  private async initialize(): Promise<void> {
    await terraform(this.folder, ['init', '-no-color']);
  }

  /** The configuration of SDK clients, which read an emulator's address from AWS_ENDPOINT_URL themselves. */
  #client() {
    const { region, emulated } = this.environment;
    return { region, ...(emulated && { credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }) };
  }

  async #plan(args: readonly string[]): Promise<Plan> {
    await terraform(this.folder, ['plan', '-no-color', `-out=${PLAN}`, ...args]);
    return this.kept();
  }
}

function checkEmulator({ name, emulated }: Environment): void {
  if (emulated && !process.env.AWS_ENDPOINT_URL) {
    throw new UsageError(
      `The environment ${name} is deployed to an AWS emulator. Set AWS_ENDPOINT_URL to its address, such as http://127.0.0.1:5000.`,
    );
  }
}
