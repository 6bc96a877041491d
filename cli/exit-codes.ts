/** How the program ends; docs/cli.md documents it. */

/** The command did what it was asked to do. */
export const DONE = 0;

/** The command ran and failed. */
export const FAILED = 1;

/** The command did not run: wrong usage, an unreadable file, an invalid environment. */
export const NOT_RUN = 2;

/** The command found differences; source: `terraform plan -detailed-exitcode`. Only commands that say so end with it. */
export const DIFFERENT = 2;

export type ExitCode = typeof DONE | typeof FAILED | typeof NOT_RUN | typeof DIFFERENT;
