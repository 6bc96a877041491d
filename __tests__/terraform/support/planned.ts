/** Reads a plan's changes from `terraform show -json`, without the project's own code. */

import { z } from 'zod';

export interface Change {
  readonly address: string;
  readonly actions: readonly string[];
  /** The arguments that change. */
  readonly attributes: readonly string[];
}

const values = z.record(z.string(), z.unknown()).nullable();
const plan = z.object({
  resource_changes: z.array(
    z.object({
      address: z.string(),
      change: z.object({
        actions: z.array(z.string()),
        before: values,
        after: values,
      }),
    }),
  ),
});

/** All changed resources, sorted by address. */
export function changesOf(json: string): readonly Change[] {
  return plan
    .parse(JSON.parse(json))
    .resource_changes.filter(({ change }) => change.actions.join() !== 'no-op')
    .map(({ address, change: { actions, before, after } }) => ({
      address,
      actions,
      attributes:
        before === null || after === null
          ? []
          : Object.keys(after)
              .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
              .sort(),
    }))
    .sort((left, right) => left.address.localeCompare(right.address));
}
