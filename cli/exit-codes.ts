/** The exit codes of the program; docs/cli.md documents them. */

/** The command succeeded. */
export const DONE = 0;

/** The command ran and failed. */
export const FAILED = 1;

/** The command did not run: wrong usage, an unreadable file, or an invalid environment. */
export const NOT_RUN = 2;

/** The command found differences; source: `terraform plan -detailed-exitcode`. Only some commands use it. */
export const DIFFERENT = 2;

export type ExitCode = typeof DONE | typeof FAILED | typeof NOT_RUN | typeof DIFFERENT;
