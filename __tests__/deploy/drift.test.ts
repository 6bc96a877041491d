import { type Drift, driftOf, readPlan } from '../../deploy/drift.ts';
import { driftTable } from '../../deploy/print-drift.ts';

interface Change {
  readonly actions?: readonly string[];
  readonly before: object | null;
  readonly after: object | null;
  readonly after_unknown?: object;
  readonly before_sensitive?: object | boolean;
  readonly after_sensitive?: object | boolean;
}

/** The drift of a single changed resource. */
function driftOfChange({ actions = ['update'], ...change }: Change): readonly Drift[] {
  const resource = { address: 'aws_thing.one', type: 'aws_thing', mode: 'managed' };
  return driftOf(
    readPlan(JSON.stringify({ resource_changes: [{ ...resource, change: { actions, ...change } }] })),
  );
}

test('unchanged resources and data sources are not drift', () => {
  expect(driftOfChange({ actions: ['no-op'], before: { a: 1 }, after: { a: 1 } })).toEqual([]);
});

test('each different attribute is listed with both values', () => {
  expect(driftOfChange({ before: { a: 1, b: [2], c: 3 }, after: { a: 1, b: [4], c: null } })).toEqual([
    { resource: 'aws_thing.one', attribute: 'b', expected: [4], found: [2] },
    { resource: 'aws_thing.one', attribute: 'c', expected: null, found: 3 },
  ]);
});

test('a missing or additional resource is listed as a whole', () => {
  expect(driftOfChange({ actions: ['create'], before: null, after: { a: 1 } })).toEqual([
    { resource: 'aws_thing.one', attribute: '*', expected: 'exists', found: 'is missing' },
  ]);
  expect(driftOfChange({ actions: ['delete'], before: { a: 1 }, after: null })).toEqual([
    { resource: 'aws_thing.one', attribute: '*', expected: 'is not there', found: 'exists' },
  ]);
});

test('a value that depends on another change is not drift', () => {
  expect(
    driftOfChange({ before: { arn: 'a', b: 1 }, after: { b: 2 }, after_unknown: { arn: true } }),
  ).toEqual([{ resource: 'aws_thing.one', attribute: 'b', expected: 2, found: 1 }]);
});

test('a value that depends on another change is drift if it was changed by hand and is declared', () => {
  const address = 'aws_thing.one';
  const change = {
    actions: ['update'],
    before: { definition: 'edited', revision: 2 },
    after: {},
    after_unknown: { definition: true, revision: true },
  };
  const plan = {
    resource_changes: [{ address, type: 'aws_thing', mode: 'managed', change }],
    resource_drift: [{ address, change: { before: { definition: 'deployed', revision: 1 } } }],
    configuration: { root_module: { resources: [{ address, expressions: { definition: {} } }] } },
  };
  expect(driftOf(readPlan(JSON.stringify(plan)))).toEqual([
    { resource: address, attribute: 'definition', expected: 'deployed', found: 'edited' },
  ]);
});

test('a sensitive value is not shown, whichever side marks it', () => {
  const [before, after] = [{ token: 'old secret' }, { token: 'new secret' }];
  for (const marks of [{ before_sensitive: { token: true } }, { after_sensitive: { token: [true] } }]) {
    const drift = driftOfChange({ before, after, ...marks });
    expect(drift).toHaveLength(1);
    expect(JSON.stringify(drift)).not.toContain('secret');
  }
});

describe('a function whose code was replaced', () => {
  const found = (deployed: string, planned: string) => {
    const at = { address: 'aws_lambda_function.f', type: 'aws_lambda_function' };
    const state = { ...at, values: { source_code_hash: 'built', code_sha256: deployed } };
    const plan = {
      prior_state: { values: { root_module: { resources: [state] } } },
      planned_values: { root_module: { resources: [{ ...at, values: { source_code_hash: planned } }] } },
    };
    return driftOf(readPlan(JSON.stringify(plan)));
  };

  test('is drift, although the plan has no change for it', () => {
    expect(found('another', 'built')).toEqual([
      { resource: 'aws_lambda_function.f', attribute: 'code_sha256', expected: 'built', found: 'another' },
    ]);
  });

  test('is not drift if its code is the expected one, or if the plan deploys new code', () => {
    expect(found('built', 'built')).toEqual([]);
    expect(found('another', 'newer')).toEqual([]);
  });
});

test('long values are shortened around their difference', () => {
  const [expected, found] = ['A', 'B'].map((letter) => `${'x'.repeat(500)}${letter}${'y'.repeat(500)}`);
  const table = driftTable([{ resource: 'aws_thing.one', attribute: 'policy', expected, found }]);
  expect(table).toMatch(/…x+Ay+… +…x+By+…/);
  expect(table).not.toContain('x'.repeat(100));
});
