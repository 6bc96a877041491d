/** What of a deployed environment is not as it was deployed, from `terraform show -json` of a plan. */

import { z } from 'zod';

/** A resource's attribute that is not what the environment asks for. */
export interface Drift {
  /** The resource's address in the stack: `aws_s3_bucket.source_bucket`. */
  readonly resource: string;
  /** `*` for the resource as a whole. */
  readonly attribute: string;
  readonly expected: unknown;
  readonly found: unknown;
}

const values = z.record(z.string(), z.unknown());
/** Which attributes are sensitive, or unknown: `true`, or an object or array with `true` somewhere in it. */
const marks = z.union([values, z.boolean()]).optional();

const resource = z.object({ address: z.string(), type: z.string(), values: values.default({}) });
const resources = z.object({
  root_module: z.object({ resources: z.array(resource).default([]) }).default({ resources: [] }),
});

const plan = z.object({
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        type: z.string(),
        mode: z.string(),
        change: z.object({
          actions: z.array(z.string()),
          before: values.nullable(),
          after: values.nullable(),
          after_unknown: marks,
          before_sensitive: marks,
          after_sensitive: marks,
        }),
      }),
    )
    .default([]),
  prior_state: z.object({ values: resources.optional() }).optional(),
  planned_values: resources.optional(),
});

export type Plan = z.output<typeof plan>;
export type PlannedChange = Plan['resource_changes'][number];

/**
 * Reads what `terraform show -json` prints.
 * @throws ZodError when that is not a plan.
 */
export function readPlan(json: string): Plan {
  return plan.parse(JSON.parse(json));
}

/** What a deploy would change: all of it, in a stack whose code has not changed, is drift. */
export function plannedChanges({ resource_changes }: Plan): readonly PlannedChange[] {
  return resource_changes.filter(
    ({ mode, change }) => mode === 'managed' && !change.actions.every((action) => action === 'no-op'),
  );
}

/** All that is not as the environment asks for. */
export function driftOf(plan: Plan): readonly Drift[] {
  return [...plannedChanges(plan).flatMap(changedAttributes), ...replacedCode(plan)];
}

function changedAttributes({ address, change }: PlannedChange): readonly Drift[] {
  const { before, after } = change;
  if (before === null)
    return [{ resource: address, attribute: '*', expected: 'exists', found: 'is missing' }];
  if (after === null) {
    return [{ resource: address, attribute: '*', expected: 'is not there', found: 'exists' }];
  }
  return Object.keys({ ...before, ...after })
    .filter((attribute) => {
      // What is only known later follows from something else that has changed.
      if (marked(change.after_unknown, attribute)) return false;
      return !equal(before[attribute], after[attribute]);
    })
    .map((attribute) => {
      const secret = marked(change.before_sensitive, attribute) || marked(change.after_sensitive, attribute);
      return {
        resource: address,
        attribute,
        expected: secret ? '(sensitive)' : (after[attribute] ?? null),
        found: secret ? '(sensitive)' : (before[attribute] ?? null),
      };
    });
}

/**
 * Functions whose code is not the one that was deployed. The provider notices that and plans nothing: it compares the
 * code's hash with the one that it was given last, not with the one that Lambda has.
 */
export function replacedCode({ prior_state, planned_values }: Plan): readonly Drift[] {
  const planned = new Map(planned_values?.root_module.resources.map((each) => [each.address, each.values]));
  return (prior_state?.values?.root_module.resources ?? []).flatMap(({ address, type, values }) => {
    const expected = values.source_code_hash;
    const found = values.code_sha256;
    if (type !== 'aws_lambda_function' || expected === found) return [];
    // Otherwise the code is about to be deployed anyway.
    if (planned.get(address)?.source_code_hash !== expected) return [];
    return [{ resource: address, attribute: 'code_sha256', expected, found }];
  });
}

function marked(marking: z.output<typeof marks>, attribute: string): boolean {
  return holdsTrue(typeof marking === 'object' ? marking[attribute] : marking);
}

function holdsTrue(mark: unknown): boolean {
  if (typeof mark !== 'object' || mark === null) return mark === true;
  return Object.values(mark).some(holdsTrue);
}

function equal(left: unknown, right: unknown): boolean {
  return JSON.stringify(left ?? null) === JSON.stringify(right ?? null);
}
