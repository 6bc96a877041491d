/** The program `csv-pipeline`. Each command is a file in `commands/`, listed here. */

import { Command } from 'commander';
import { printMessage } from '../report/terminal/print.ts';
import { check } from './commands/check.ts';
import { cost } from './commands/cost.ts';
import { dataPlan } from './commands/data-plan.ts';
import { deploy } from './commands/deploy.ts';
import { destroy } from './commands/destroy.ts';
import { drift } from './commands/drift.ts';
import { items } from './commands/items.ts';
import { merge } from './commands/merge.ts';
import { newDataset } from './commands/new-dataset.ts';
import { plan } from './commands/plan.ts';
import { report } from './commands/report.ts';
import { run } from './commands/run.ts';
import { undo } from './commands/undo.ts';
import { uploads } from './commands/uploads.ts';
import { watch } from './commands/watch.ts';
import { exitCodeOf } from './errors.ts';
import { DONE, type ExitCode, FAILED, NOT_RUN } from './exit-codes.ts';

/** In the order in which the help lists them. */
export const commands = [
  run,
  check,
  dataPlan,
  merge,
  newDataset,
  plan,
  deploy,
  destroy,
  drift,
  uploads,
  undo,
  items,
  report,
  watch,
  cost,
];

/**
 * Runs a command.
 * @param args the arguments after the program's name
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<ExitCode> {
  const program = new Command('csv-pipeline')
    .description('Checks CSV files from S3 and loads them into DynamoDB, with no row lost.')
    .addHelpText(
      'after',
      `\nExit codes: ${DONE} succeeded, ${FAILED} ran and failed, ${NOT_RUN} did not run.`,
    )
    .configureOutput({ outputError: printMessage })
    .exitOverride();
  for (const command of commands) program.addCommand(command);
  const command = commands.find((each) => each.name() === args[0]);
  try {
    await program.parseAsync(args, { from: 'user' });
    return command?.exitCode ?? DONE;
  } catch (error) {
    return exitCodeOf(error, command?.notRunCode ?? NOT_RUN);
  }
}
