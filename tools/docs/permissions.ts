/** Writes docs/permissions.md: the policies of CI's roles, derived from the provider's API calls, and of commands. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  boundary,
  dataPlanPolicy,
  itemsPolicy,
  policyFor,
  UNVERIFIED,
  undoPolicy,
  uploadsPolicy,
} from '../../deploy/permissions.ts';

/** The whole document. */
export function permissionsDocument(): string {
  const json = (policy: object) => ['```json', JSON.stringify(policy, null, 2), '```'].join('\n');
  return `# Permissions

These are the policies of the roles that [CI](ci.md) assumes. Access to the Terraform state is not included. \`NAME\` is
\`csv-pipeline-\` and the environment's name; \`ACCOUNT\` and \`REGION\` are the environment's.

\`npm run docs:permissions\` writes this document from recorded API calls of the provider. The calls were recorded against an
emulator, which does not check permissions, so on AWS an action may be missing. Three actions are not verified, because the
provider calls them since version 6.23, for the tags of buckets, and the calls were recorded with version 5.100:
${UNVERIFIED.map((action) => `\`${action}\``).join(', ')}.

Nor are the actions of \`kms\` other than \`kms:DescribeKey\`, and those of \`logs\` with \`KmsKey\` in their names, which only an
environment with a [key of its own](security.md#encryption) needs. CI's roles can use keys, but not create or change them:
deploy a new environment of that kind by hand once, or name a key that exists.

Names that begin with \`NAME-\` belong to the environment: the deploy role may change any role with such a name. Do not
give CI's roles such names, or they can change themselves.

## The permissions boundary

The deploy role can create roles, and write their policies. It can only do so for roles with this boundary, which limits
what they may do, whatever their policies say. Create the policy once for each environment, as \`NAME-boundary\`, and set
\`permissionsBoundary\` in the environment's file to its ARN; roles that exist already get it with the next deploy. The
deploy role can neither change that policy, nor take it away from a role.

One boundary serves all previews: there, \`NAME\` is \`csv-pipeline-pr-*\` in the statements, and the policy is
\`csv-pipeline-preview-boundary\`.

${json(boundary)}

## The plan role, which also detects drift

${json(policyFor('plan'))}

## The deploy role

${json(policyFor('deploy'))}

## Whoever runs \`npm run uploads\`

The last two statements are for [\`--start\`](cli.md#uploads).

${json(uploadsPolicy())}

## Whoever runs \`csv-pipeline data-plan\`

Only for datasets whose loads [follow their files](datasets.md#what-a-load-does-to-the-table); for others, the command
needs no permission. The index has the keys of the items in the table.

${json(dataPlanPolicy())}

## Whoever runs \`csv-pipeline undo\`

It also needs the permissions of \`data-plan\`.

${json(undoPolicy())}

## Whoever runs \`npm run items\`

It reads what was loaded, and so needs more than the commands that only count.

${json(itemsPolicy())}
`;
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, '../../docs/permissions.md'), permissionsDocument());
