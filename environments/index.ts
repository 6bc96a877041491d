/** The environments by name. To add one, write its file and list it here. */

import { dev } from './dev.ts';
import { local } from './local.ts';
import { prod } from './prod.ts';
import { checkEnvironment, type Environment } from './schema.ts';
import { staging } from './staging.ts';

const inputs = [local, dev, staging, prod];

/** The names of all environments. */
export const environmentNames: readonly string[] = inputs.map((input) => input.name);

/**
 * The environment of that name, checked.
 * @throws Error when there is none, or when a setting of it is wrong.
 */
export function environment(name: string): Environment {
  const input = inputs.find((candidate) => candidate.name === name);
  if (input === undefined) {
    throw new Error(
      `There is no environment ${JSON.stringify(name)}; there are ${environmentNames.join(', ')}.`,
    );
  }
  return checkEnvironment(input);
}
