/** Writes docs/permissions.md: the policies of CI's roles, derived from the provider's API calls. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyFor } from '../../deploy/permissions.ts';

/** The whole document. */
export function permissionsDocument(): string {
  const policy = (role: 'plan' | 'deploy') =>
    ['```json', JSON.stringify(policyFor(role), null, 2), '```'].join('\n');
  return `# Permissions

These are the policies of the roles that [CI](ci.md) assumes. Access to the Terraform state is not included. \`NAME\` is
\`csv-pipeline-\` and the environment's name; \`ACCOUNT\` and \`REGION\` are the environment's.

\`npm run docs:permissions\` writes this document from recorded API calls of the provider. The calls were recorded against an
emulator, which does not check permissions, so on AWS an action may be missing.

## The plan role, which also detects drift

${policy('plan')}

## The deploy role

${policy('deploy')}
`;
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, '../../docs/permissions.md'), permissionsDocument());
