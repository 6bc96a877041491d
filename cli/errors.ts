import { CommanderError } from 'commander';
import { ConfigurationError } from '../functions/core/errors.ts';
import { NotRunError, UserError } from '../report/terminal/errors.ts';
import { DONE, type ExitCode, FAILED } from './exit-codes.ts';

/**
 * Tells the person about an error that ends the program.
 * @param notRunCode of the command that was called
 * @returns what the program ends with
 * @throws any error that is not for the person, as it is: it is a bug, and its stack is needed.
 */
export function exitCodeOf(error: unknown, notRunCode: ExitCode): ExitCode {
  // Commander has printed its message, or the help, itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : notRunCode;
  // What the functions know as ConfigurationError is, to the person, an invalid environment or dataset.
  if (!(error instanceof UserError || error instanceof ConfigurationError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  return error instanceof NotRunError || error instanceof ConfigurationError ? notRunCode : FAILED;
}
