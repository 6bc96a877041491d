/** One environment's stack, synthesized and initialized. */

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { type ClientConfiguration, clientConfiguration } from '../aws/client.ts';
import { redrivableDays } from '../environments/redrive.ts';
import type { Environment } from '../environments/schema.ts';
import { stackName, synthesize } from '../main.ts';
import { checkBuckets } from './buckets.ts';
import { restoreCode } from './code.ts';
import { type Drift, driftOf, type Plan, readPlan, readResources } from './drift.ts';
import { DeployError } from './errors.ts';
import { eventWarning, startsEvents } from './events.ts';
import { subscriptionWarning, unmanagedSubscriptions } from './subscriptions.ts';
import { terraform } from './terraform.ts';
import { pruneVersions } from './versions.ts';

/** Name of the plan's file in the stack's folder. */
const PLAN = 'plan.tfplan';

/** Where stacks are synthesized, whatever folder the command runs in: a local state is next to it. */
const OUT = path.join(import.meta.dirname, '../cdktf.out');

export class Stack {
  readonly environment: Environment;
  /** Contains `cdk.tf.json`, `assets` and the plan, once there is one. */
  readonly folder: string;
  readonly #configuration: ClientConfiguration;

  private constructor(environment: Environment, configuration: ClientConfiguration, folder: string) {
    this.environment = environment;
    this.#configuration = configuration;
    this.folder = folder;
  }

  /**
   * Synthesizes the stack of an environment into `cdktf.out`, and initializes Terraform there.
   * @throws UsageError when the environment is emulated and no emulator's address is set.
   * @throws DeployError when Terraform cannot be initialized.
   */
  static async prepare(environment: Environment): Promise<Stack> {
    const configuration = clientConfiguration(environment);
    const stack = new Stack(environment, configuration, await synthesize(environment.name, OUT));
    await stack.initialize();
    return stack;
  }

  /**
   * The stack as an earlier run left it in `cdktf.out`, together with its plan.
   * @throws UsageError when the environment is emulated and no emulator's address is set.
   * @throws DeployError when there is no plan.
   */
  static async planned(environment: Environment): Promise<Stack> {
    const configuration = clientConfiguration(environment);
    const { name } = environment;
    const stack = new Stack(environment, configuration, path.join(OUT, 'stacks', stackName(name)));
    if (!existsSync(path.join(stack.folder, PLAN))) {
      throw new DeployError(
        `There is no kept plan for the environment ${name}. Run npm run plan -- --env ${name} first.`,
      );
    }
    await stack.initialize();
    return stack;
  }

  /**
   * Makes a plan, and saves it in the stack's folder.
   * @param args additional arguments for `terraform plan`
   */
  async plan(...args: string[]): Promise<Plan> {
    await terraform(this.folder, ['plan', '-no-color', `-out=${PLAN}`, ...args]);
    return this.kept();
  }

  /** Everything that differs from what the environment declares. Needs only read permissions. */
  async drift(): Promise<readonly Drift[]> {
    const plan = await this.plan('-lock=false');
    return [...driftOf(plan), ...(await unmanagedSubscriptions(plan, new SNSClient(this.#configuration)))];
  }

  /** The plan that was saved last. */
  async kept(): Promise<Plan> {
    return readPlan(await terraform(this.folder, ['show', '-json', PLAN]));
  }

  /** @throws DeployError when a bucket that the plan creates already exists. */
  check(plan: Plan): Promise<void> {
    return checkBuckets(
      plan,
      new S3Client({ ...this.#configuration, forcePathStyle: this.environment.emulated }),
    );
  }

  /** Applies exactly the saved plan, after uploading again what {@link restoreCode} finds in it. */
  async apply(): Promise<void> {
    await restoreCode(await this.kept(), this.folder, new LambdaClient(this.#configuration));
    await terraform(this.folder, ['apply', '-no-color', PLAN], { shown: true });
  }

  /**
   * Deletes versions of the deployed functions that no execution can need any more.
   * @returns the number of deleted versions
   */
  async prune(): Promise<number> {
    const resources = readResources(await terraform(this.folder, ['show', '-json']));
    return pruneVersions(resources, redrivableDays(this.environment), new LambdaClient(this.#configuration));
  }

  /**
   * Yields what a person has to know once the plan is applied.
   * @throws DeployError when the subscriptions of the alarm topic cannot be read.
   */
  async *warnings(plan: Plan): AsyncGenerator<string, void> {
    if (startsEvents(plan)) yield eventWarning(this.environment.name, Date.now());
    const topicArn = await terraform(this.folder, ['output', '-raw', 'AlarmTopicArn']);
    const client = new SNSClient(this.#configuration);
    const warning = await subscriptionWarning(topicArn, client).catch((error: unknown) => {
      throw new DeployError(
        `The environment is deployed, but whether anybody is told of alarms is not known. Reading the subscriptions of ${topicArn} failed: ${error instanceof Error ? error.message : error}`,
        { cause: error },
      );
    });
    if (warning !== undefined) yield warning;
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
}
