/** The policies of CI's roles allow all recorded calls. Runs after the deploys and the destroy. */

import { policyFor } from '../../deploy/permissions.ts';
import { terraformCalls } from './support/calls.ts';

/** Requires no permission. */
const FREE = 'sts:GetCallerIdentity';

test('the deploy role allows all calls of Terraform', async () => {
  const allowed = policyFor('deploy').Statement.flatMap(({ Action }) => Action);
  const called = new Set(await terraformCalls());
  expect(called).toContain('lambda:CreateFunction');
  expect([...called].filter((action) => ![...allowed, FREE].includes(action)).sort()).toEqual([]);
});
