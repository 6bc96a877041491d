/**
 * The CDKTF app: one stack for each environment, or for those that are named as arguments, and one for the bucket that
 * states are kept in. Importing it does nothing.
 */

import path from 'node:path';
import { App, type AppConfig, Manifest } from '#cdktf';
import { bundleFunctions } from './constructs/bundle/bundle.ts';
import { PipelineStack } from './constructs/pipeline-stack.ts';
import { StateStack } from './constructs/state-stack.ts';
import { environment, environmentNames } from './environments/index.ts';
import type { Environment } from './environments/schema.ts';
import { state } from './environments/state.ts';

/**
 * The app with a stack `csv-pipeline-<environment>` for each of these environments; nothing but zips is written yet.
 * @param config where to, when not where the CDKTF command line says, or to `cdktf.out`
 */
export async function buildApp(
  environments: readonly Environment[],
  config: Pick<AppConfig, 'outdir'> = {},
): Promise<App> {
  const bundles = await bundleFunctions();
  const app = new App({
    ...config,
    // With one, a note on a resource would carry this machine's paths into what is written.
    stackTraces: false,
    // The only thing it would find is a missing or old Terraform, which a synth does not need; Terraform itself
    // checks the `required_version` of the stack.
    skipValidation: true,
  });
  for (const settings of environments) new PipelineStack(app, stackName(settings.name), settings, bundles);
  return app;
}

/**
 * Synthesizes the stack of one environment.
 * @param outdir a folder; it is made if need be, its parent is not
 * @returns the folder that holds the stack's `cdk.tf.json` and `assets`
 * @throws Error when there is no such environment, or its settings are wrong; then nothing is written
 */
export async function synthesize(environmentName: string, outdir: string): Promise<string> {
  const app = await buildApp([environment(environmentName)], { outdir });
  app.synth();
  return path.join(outdir, Manifest.stacksFolder, stackName(environmentName));
}

/** The name of an environment's stack. */
export function stackName(environmentName: string): string {
  return `csv-pipeline-${environmentName}`;
}

async function main(named: readonly string[]): Promise<void> {
  const app = await buildApp((named.length === 0 ? environmentNames : named).map(environment));
  new StateStack(app, stackName('state'), state);
  app.synth();
}

if (import.meta.main) void main(process.argv.slice(2));
