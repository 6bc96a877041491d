/** `npm run plan`, `deploy`, `destroy` and `drift`: what CI runs, as commands. */

import { createInterface } from 'node:readline/promises';
import { Command, CommanderError } from 'commander';
import { environmentNames } from '../environments/index.ts';
import { plannedChanges } from './drift.ts';
import { DeployError } from './errors.ts';
import { driftTable } from './print-drift.ts';
import { Stack } from './stack.ts';

const [DONE, FAILED, DIFFERENT] = [0, 1, 2];

interface Options {
  readonly env: string;
  readonly json?: boolean;
  readonly autoApprove?: boolean;
  readonly planned?: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  let code = DONE;
  const program = new Command('npm run').exitOverride();
  const command = (name: string, description: string, action: (options: Options) => Promise<number>) =>
    program
      .command(name)
      .description(description)
      .requiredOption('--env <name>', `one of ${environmentNames.join(', ')}, or pr-NUMBER for a preview`)
      .action(async (options: Options) => {
        code = await action(options);
      });
  command('plan', 'Shows what a deploy would change, and keeps the plan.', plan);
  command('deploy', 'Deploys an environment.', deploy)
    .option('--auto-approve', 'do not ask')
    .option('--planned', 'apply exactly the plan that npm run plan has kept');
  command('destroy', 'Takes an environment down.', destroy).option('--auto-approve', 'do not ask');
  command('drift', 'Shows what is not as it was deployed: exit code 2 if there is anything.', drift).option(
    '--json',
    'print one JSON array and nothing else',
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof DeployError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return FAILED;
  }
}

async function plan({ env }: Options): Promise<number> {
  const stack = await Stack.prepare(env);
  // It takes no lock, so that it needs only to read; Terraform refuses a plan whose state has changed since.
  await stack.plan('-lock=false');
  process.stdout.write(await stack.readablePlan());
  return DONE;
}

async function deploy({ env, autoApprove, planned }: Options): Promise<number> {
  const stack = planned ? await Stack.planned(env) : await Stack.prepare(env);
  const plan = planned ? await stack.kept() : await stack.plan();
  await stack.check(plan);
  return apply(stack, plannedChanges(plan).length > 0, autoApprove || planned);
}

async function destroy({ env, autoApprove }: Options): Promise<number> {
  const stack = await Stack.prepare(env);
  const plan = await stack.plan('-destroy');
  return apply(stack, plannedChanges(plan).length > 0, autoApprove);
}

async function apply(stack: Stack, anything: boolean, approved: boolean | undefined): Promise<number> {
  process.stdout.write(await stack.readablePlan());
  if (!anything) return DONE;
  if (!approved && !(await confirmed())) {
    process.stderr.write('Nothing was changed.\n');
    return FAILED;
  }
  await stack.apply();
  return DONE;
}

async function confirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Type yes to apply this: ');
  terminal.close();
  return answer === 'yes';
}

async function drift({ env, json }: Options): Promise<number> {
  const stack = await Stack.prepare(env);
  const found = await stack.drift();
  if (json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else process.stdout.write(found.length === 0 ? 'No drift.\n' : `${driftTable(found)}\n`);
  return found.length === 0 ? DONE : DIFFERENT;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
