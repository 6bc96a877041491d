/** The environments by name. To add one, write its file and list it here. */

import { ConfigurationError } from '../functions/core/errors.ts';
import { dev } from './dev.ts';
import { local } from './local.ts';
import { PREVIEW, preview } from './preview.ts';
import { prod } from './prod.ts';
import { checkEnvironment, type Environment } from './schema.ts';
import { staging } from './staging.ts';

const inputs = [local, dev, staging, prod];

/** The names of all environments except previews. */
export const environmentNames: readonly string[] = inputs.map((input) => input.name);

/**
 * Returns the environment with that name, checked. `pr-` and a number is a preview.
 * @throws ConfigurationError if there is none, or if one of its settings is invalid.
 */
export function environment(name: string): Environment {
  const input = PREVIEW.test(name) ? preview(name) : inputs.find((candidate) => candidate.name === name);
  if (input === undefined) {
    throw new ConfigurationError(
      `There is no environment ${JSON.stringify(name)}; there are ${environmentNames.join(', ')}, and pr-NUMBER for a preview.`,
    );
  }
  return checkEnvironment(input);
}
