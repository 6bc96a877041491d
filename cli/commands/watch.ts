import { InvalidArgumentError } from 'commander';
import { follow } from '../follow.ts';
import { executionOption } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

interface Options {
  readonly execution: string;
  /** Seconds. */
  readonly interval: number;
}

export const watch = new Subcommand('watch', 'Follows an execution on AWS until it ends.')
  .addOption(executionOption)
  .option('--interval <seconds>', 'seconds between two requests', seconds, 2)
  .does(({ execution, interval }: Options) => follow(execution, interval));

function seconds(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= 3_600) return number;
  throw new InvalidArgumentError('It must be a number of seconds above 0, at most 3,600.');
}
