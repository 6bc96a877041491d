import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Names of the executable. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Path of Chromium: CHROMIUM_PATH if it is set, otherwise the first one on the PATH.
 * @throws Error if there is none
 */
export function chromiumPath(): string {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  const candidates = CHROMIUM_PATH
    ? [CHROMIUM_PATH]
    : NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    CHROMIUM_PATH
      ? `CHROMIUM_PATH is ${CHROMIUM_PATH}, but this file does not exist.`
      : 'There is no Chromium on the PATH. Install it (Debian: apt-get install chromium), or set CHROMIUM_PATH.',
  );
}
