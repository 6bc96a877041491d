/** Writes permissions.md, the policies of CI's roles, from what the provider calls. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyFor } from '../../deploy/permissions.ts';

/** The document, whole. */
export function permissionsDocument(): string {
  const policy = (role: 'plan' | 'deploy') =>
    ['```json', JSON.stringify(policyFor(role), null, 2), '```'].join('\n');
  return `# Permissions

Of the roles that [CI](ci.md) takes on, beyond reaching the state. \`NAME\` is \`csv-pipeline-\` and the environment's name;
\`ACCOUNT\` and \`REGION\` are those of the environment. Written by \`npm run docs:permissions\` from what the provider was seen
to call. The emulator asks for no permissions: on AWS an action may be missing.

## The plan role, which also looks for drift

${policy('plan')}

## The deploy role

${policy('deploy')}
`;
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, '../../docs/permissions.md'), permissionsDocument());
