/** The policies of CI's roles allow what was called. Comes behind the deploys and the destruction. */

import { policyFor } from '../../deploy/permissions.ts';
import { terraformCalls } from './support/calls.ts';

/** Everyone may call it. */
const FREE = 'sts:GetCallerIdentity';

test('the deploy role may do all that Terraform has called', async () => {
  const allowed = policyFor('deploy').Statement.flatMap(({ Action }) => Action);
  const called = new Set(await terraformCalls());
  expect(called).toContain('lambda:CreateFunction');
  expect([...called].filter((action) => ![...allowed, FREE].includes(action)).sort()).toEqual([]);
});
