import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../datasets');

/** Files that are named. */
const MAX_NAMED = 5;

/**
 * What to add to an error about an unknown dataset: the files of `datasets/` that `datasets/index.ts` does not import; or an
 * empty string if it imports all.
 * @param folder of the datasets
 */
export function unlistedDatasets(folder = FOLDER): string {
  const index = readFileSync(join(folder, 'index.ts'), 'utf8');
  const files = readdirSync(folder).filter(
    (file) => file.endsWith('.ts') && file !== 'index.ts' && !index.includes(`./${file}`),
  );
  if (files.length === 0) return '';
  const named = files.slice(0, MAX_NAMED).map((file) => `datasets/${file}`);
  const more = files.length > MAX_NAMED ? ` and ${files.length - MAX_NAMED} more` : '';
  return `; datasets/index.ts does not list ${named.join(', ')}${more}`;
}
