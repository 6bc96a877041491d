/** Attributes that are the same in every item of a dataset. */

import * as z from 'zod/mini';
import { mustBe, type Problem } from '../options.ts';
import { type Storable, storageProblem } from '../storable.ts';
import type { Addition } from './item-shape.ts';
import { type Claim, nameProblem } from './paths.ts';

/** The attributes by their names. */
export type Constants = Readonly<Record<string, Storable>>;

/** Schema of the option. */
export const constantsOption = z.exactOptional(
  z.custom<Constants>((value) => typeof value === 'object' && value !== null, {
    error: mustBe('an object of attributes'),
  }),
);

/** What is wrong with constants. */
export function constantsProblems(constants: Constants = {}): Problem[] {
  return Object.entries(constants).flatMap(([name, value]) => {
    const wrongName = nameProblem(name);
    if (wrongName !== undefined) return [{ path: ['constants'], message: wrongName }];
    if (storageProblem(value) === undefined) return [];
    return [{ path: ['constants', name], message: 'is no value that DynamoDB can store' }];
  });
}

export function claimsOfConstants(constants: Constants = {}): Claim[] {
  return Object.keys(constants).map((name) => ({ path: [name], what: `the constant ${name}` }));
}

/** Sets the constants. */
export function constantsAddition(constants: Constants | undefined): Addition[] {
  if (constants === undefined) return [];
  return [
    {
      attributes: Object.keys(constants),
      columns: [],
      needsUpload: false,
      add: (item) => {
        Object.assign(item, constants);
        return undefined;
      },
    },
  ];
}
