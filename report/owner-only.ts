/** The report of a run shows rows of the user's file, so nobody else on this machine may read it. */

import { mkdir } from 'node:fs/promises';

/** Options for a new file that only its owner may read and write. */
export const OWNER_ONLY = { mode: 0o600 } as const;

/** Creates a folder that only its owner may enter, and the missing folders above it. */
export async function ownerOnlyFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}
