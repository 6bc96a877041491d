/** Writes docs/reject-codes.md. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REJECT_CODES } from '../../functions/core/dataset/reject-codes.ts';

/** The document of that list. */
export function rejectCodesDocument(): string {
  const rows = Object.entries(REJECT_CODES).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
  );
  return `# Codes of rejected rows

Each row that is rejected has one of these codes, in the report's column \`_code\`. This list is made from
[\`functions/core/dataset/reject-codes.ts\`](../functions/core/dataset/reject-codes.ts) by \`npm run docs:codes\`.

| code | what is wrong | what to do |
|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, '../../docs/reject-codes.md'), rejectCodesDocument());
