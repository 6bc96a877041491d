/** Writes docs/reject-codes.md. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REJECT_CODES } from '../../functions/core/dataset/reject-codes.ts';

/** The whole document. */
export function rejectCodesDocument(): string {
  const rows = Object.entries(REJECT_CODES).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
  );
  return `# Codes of rejected rows

Each rejected row has one of these codes in the column \`_code\` of the report. \`npm run docs:codes\` writes this list from
[\`functions/core/dataset/reject-codes.ts\`](../functions/core/dataset/reject-codes.ts).

| Code | What is wrong | What to do |
|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, '../../docs/reject-codes.md'), rejectCodesDocument());
