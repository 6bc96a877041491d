import { CommanderError } from 'commander';
import { ConfigurationError } from '../functions/core/errors.ts';
import { NotRunError, UserError } from '../report/terminal/errors.ts';
import { printMessage } from '../report/terminal/print.ts';
import { DONE, type ExitCode, FAILED } from './exit-codes.ts';

/**
 * Prints an error that ends the program.
 * @param notRunCode exit code of the command if it does not run
 * @returns the program's exit code
 * @throws every error that is a bug, unchanged, because its stack is needed.
 */
export function exitCodeOf(error: unknown, notRunCode: ExitCode): ExitCode {
  // Commander has already printed its message or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : notRunCode;
  // On the command line, a ConfigurationError means an invalid environment or dataset.
  if (!(error instanceof UserError || error instanceof ConfigurationError)) throw error;
  printMessage(`error: ${error.message}`);
  return error instanceof NotRunError || error instanceof ConfigurationError ? notRunCode : FAILED;
}
