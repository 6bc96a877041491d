/** Finds the drift of a deployed environment in a plan, as `terraform show -json` prints it. */

import { z } from 'zod';

/** An attribute of a resource that differs from what the environment declares. */
export interface Drift {
  /** The resource's address in the stack, such as `aws_s3_bucket.source_bucket`. */
  readonly resource: string;
  /** `*` for the resource as a whole. */
  readonly attribute: string;
  readonly expected: unknown;
  readonly found: unknown;
}

const values = z.record(z.string(), z.unknown());
/** Marks attributes as sensitive or unknown: `true`, or an object or array that contains `true` at any depth. */
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
  /** What was changed by hand: `before` is the value of the last deploy. */
  resource_drift: z
    .array(z.object({ address: z.string(), change: z.object({ before: values.nullable() }) }))
    .default([]),
  /** The attributes that the environment declares. */
  configuration: z
    .object({
      root_module: z.object({
        resources: z.array(z.object({ address: z.string(), expressions: values.default({}) })).default([]),
      }),
    })
    .optional(),
});

/** The output of `terraform show -json` for a state. */
const state = z.object({ values: resources.optional() });

export type Plan = z.output<typeof plan>;
export type Resource = z.output<typeof resource>;
export type PlannedChange = Plan['resource_changes'][number];

/**
 * Parses the output of `terraform show -json`.
 * @throws ZodError when the output is not a plan.
 */
export function readPlan(json: string): Plan {
  return plan.parse(JSON.parse(json));
}

/**
 * The resources in the output of `terraform show -json` for a state.
 * @throws ZodError when the output is not a state.
 */
export function readResources(json: string): readonly Resource[] {
  return state.parse(JSON.parse(json)).values?.root_module.resources ?? [];
}

/** What a deploy would change. If the stack's code has not changed, all of it is drift. */
export function plannedChanges({ resource_changes }: Plan): readonly PlannedChange[] {
  return resource_changes.filter(
    ({ mode, change }) => mode === 'managed' && !change.actions.every((action) => action === 'no-op'),
  );
}

/** Everything that differs from what the environment declares. */
export function driftOf(plan: Plan): readonly Drift[] {
  const deployed = new Map(plan.resource_drift.map(({ address, change }) => [address, change.before]));
  const declared = new Map(
    plan.configuration?.root_module.resources.map((each) => [each.address, each.expressions]),
  );
  const changes = plannedChanges(plan).flatMap((change) =>
    changedAttributes(change, deployed.get(change.address) ?? {}, declared.get(change.address) ?? {}),
  );
  return [...changes, ...replacedCode(plan)];
}

/**
 * @param deployed values of the last deploy, if the resource was changed by hand.
 * @param declared has the attributes that the environment declares.
 */
function changedAttributes(
  { address, change }: PlannedChange,
  deployed: Readonly<Record<string, unknown>>,
  declared: Readonly<Record<string, unknown>>,
): readonly Drift[] {
  const { before, after } = change;
  if (before === null)
    return [{ resource: address, attribute: '*', expected: 'exists', found: 'is missing' }];
  if (after === null) {
    return [{ resource: address, attribute: '*', expected: 'is not there', found: 'exists' }];
  }
  const expectedOf = (attribute: string) => {
    if (!marked(change.after_unknown, attribute)) return after[attribute];
    // It depends on another resource that has changed. Only if it was changed by hand as well, it is drift.
    return attribute in declared && attribute in deployed ? deployed[attribute] : before[attribute];
  };
  return Object.keys({ ...before, ...after })
    .filter((attribute) => !equal(before[attribute], expectedOf(attribute)))
    .map((attribute) => {
      const secret = marked(change.before_sensitive, attribute) || marked(change.after_sensitive, attribute);
      return {
        resource: address,
        attribute,
        expected: secret ? '(sensitive)' : (expectedOf(attribute) ?? null),
        found: secret ? '(sensitive)' : (before[attribute] ?? null),
      };
    });
}

/**
 * Functions whose code differs from what was deployed. The provider plans no change for them, because it compares the
 * code's hash with the hash of the last deployment, and not with the one that Lambda reports.
 */
export function replacedCode({ prior_state, planned_values }: Plan): readonly Drift[] {
  const planned = new Map(planned_values?.root_module.resources.map((each) => [each.address, each.values]));
  return (prior_state?.values?.root_module.resources ?? []).flatMap(({ address, type, values }) => {
    const expected = values.source_code_hash;
    const found = values.code_sha256;
    if (type !== 'aws_lambda_function' || expected === found) return [];
    // Otherwise the plan deploys new code anyway.
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
