/**
 * The CDKTF app: a stack for each environment, or for those named as arguments, and one for the bucket of Terraform's states.
 * Importing this module does nothing.
 */

import path from 'node:path';
import { App, type AppConfig, Manifest } from '#cdktf';
import { bundleFunctions } from './constructs/bundle/bundle.ts';
import { PipelineStack } from './constructs/pipeline-stack.ts';
import { StateStack } from './constructs/state-stack.ts';
import { environment, environmentNames } from './environments/index.ts';
import type { Environment } from './environments/schema.ts';
import { state } from './environments/state.ts';
import { ConfigurationError } from './functions/core/errors.ts';

/**
 * Builds the app, with a stack `csv-pipeline-<environment>` for each of these environments. Only the zips are written.
 * @param config the output folder; by default that of the CDKTF command line, or `cdktf.out`
 */
export async function buildApp(
  environments: readonly Environment[],
  config: Pick<AppConfig, 'outdir'> = {},
): Promise<App> {
  const bundles = await bundleFunctions();
  const app = new App({
    ...config,
    // A stack trace would put paths of this machine into the output.
    stackTraces: false,
    // Validation would only find a missing or old Terraform, which a synth does not need. Terraform itself checks the
    // stack's `required_version`.
    skipValidation: true,
  });
  for (const settings of environments) new PipelineStack(app, stackName(settings.name), settings, bundles);
  return app;
}

/**
 * Synthesizes the stack of one environment.
 * @param outdir the output folder; created if its parent exists
 * @returns the folder with the stack's `cdk.tf.json` and `assets`
 * @throws ConfigurationError, before anything is written, if the environment does not exist or is invalid
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
  try {
    const app = await buildApp((named.length === 0 ? environmentNames : named).map(environment));
    new StateStack(app, stackName('state'), state);
    app.synth();
  } catch (error) {
    // An invalid environment or dataset: its message says what to correct, and a stack trace would only hide that.
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  }
}

if (import.meta.main) void main(process.argv.slice(2));
