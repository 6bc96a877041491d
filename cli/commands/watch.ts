import { InvalidArgumentError } from 'commander';
import { printResult } from '../../report/terminal/print.ts';
import { DONE, FAILED } from '../exit-codes.ts';
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
  .does(async ({ execution, interval }: Options) => {
    const [{ watchExecution }, { RunProgress }] = await Promise.all([
      import('../../aws/watch.ts'),
      import('../../report/terminal/progress.ts'),
    ]);
    const progress = new RunProgress(process.stderr);
    const { status, name, error, cause } = await watchExecution(execution, {
      interval,
      onStart: (recorder) => progress.follow(recorder),
    }).finally(() => progress.stop());
    printResult({ status, name, error, cause }, (ended) => {
      const failure = ended.error === undefined ? '' : `${ended.error}: ${ended.cause ?? ''}\n`;
      return `${ended.status}  ${ended.name}\n${failure}`;
    });
    return status === 'SUCCEEDED' ? DONE : FAILED;
  });

function seconds(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= 3_600) return number;
  throw new InvalidArgumentError('It must be a number of seconds above 0, at most 3,600.');
}
