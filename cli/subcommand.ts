import { Command } from 'commander';
import { printMessage } from '../report/terminal/print.ts';
import { DIFFERENT, DONE, type ExitCode, FAILED, NOT_RUN } from './exit-codes.ts';

/** A command of the program. Its module loads what the command needs only when the command runs, so that help is quick. */
export class Subcommand extends Command {
  /** The exit code if the command does not run. */
  notRunCode: ExitCode = NOT_RUN;
  /** The exit code. */
  exitCode: ExitCode = DONE;

  constructor(name: string, description: string) {
    super(name);
    this.description(description).configureOutput({ outputError: printMessage }).exitOverride();
  }

  /** Reserves exit code 2 for differences, so the exit code is 1 if the command does not run. */
  reportsDifferences(): this {
    this.notRunCode = FAILED;
    return this.addHelpText(
      'after',
      `\nExit codes: 0 no differences, ${DIFFERENT} differences, ${FAILED} anything else.`,
    );
  }

  /**
   * Sets what the command does.
   * @param work takes the command's arguments and then its options; returns the exit code
   */
  does<Args extends unknown[]>(work: (...args: Args) => Promise<ExitCode>): this {
    return this.action(async (...args: Args) => {
      this.exitCode = await work(...args);
    });
  }
}
