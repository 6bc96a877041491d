/** Asks before something is changed. */

import { createInterface } from 'node:readline/promises';

/**
 * Whether the person types yes.
 * @param action what follows then, such as "apply this".
 */
export async function confirmed(action: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Type yes to ${action}: `);
  terminal.close();
  return answer === 'yes';
}
