/**
 * Keeps the zips in `node_modules/.cache`, where every copy of the program that links to the same packages finds them.
 * An entry is used only if nothing has changed that it depends on. An entry that cannot be read or written is ignored.
 */

import { createHash, hash as digest } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** Relative to the repository's root. */
export const CACHE_FOLDER = 'node_modules/.cache/csv-pipeline';

/** Entries that are kept, of 3 MB each: the tests alone bundle some ten changed copies of the program. */
const MAX_ENTRIES = 20;

/** Hashed together with the names of the files, because a new file may be imported in place of another. */
const SOURCES = ['constructs/bundle', 'datasets', 'functions'];

/** Files that say how to compile, and which packages are installed. */
const SETTINGS = ['package.json', 'package-lock.json', 'node_modules/.package-lock.json', 'tsconfig.json'];

export interface Built {
  /** By the name of the function. */
  readonly zips: Readonly<Record<string, Uint8Array>>;
  /** Every file that was read for them, relative to the repository's root. */
  readonly inputs: readonly string[];
}

const stored = z.object({
  inputs: z.array(z.string()),
  /** In base64, by the name of the function. */
  zips: z.record(z.string(), z.string()),
  /** Of the zips, and of what the inputs hold: someone may edit a package where it is installed. */
  hash: z.string(),
});

/**
 * Returns what an earlier build made from the same sources, or builds.
 * @param options everything else that the result depends on, as text
 */
export async function cached(
  root: string,
  options: string,
  build: () => Promise<Built>,
): Promise<Built['zips']> {
  const key = keyOf(root, options);
  const file = path.join(root, CACHE_FOLDER, `${key}.json`);
  const found = read(root, file);
  if (found !== undefined) return found;
  const built = await build();
  // If a file changes during the build, its old or its new contents may have been built.
  if (keyOf(root, options) === key) write(root, file, built);
  return built.zips;
}

function keyOf(root: string, options: string): string {
  const sources = SOURCES.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) =>
        path.relative(root, path.join(parentPath, name)).replaceAll(path.sep, '/'),
      ),
  );
  return hashOf(root, [...sources.sort(), ...SETTINGS], options);
}

/** Of the names and contents of the files, where they exist. */
function hashOf(root: string, files: readonly string[], more = ''): string {
  const hash = createHash('sha256').update(`${JSON.stringify([more, files])}\n`);
  for (const file of files) {
    const place = path.join(root, file);
    hash.update(existsSync(place) ? digest('sha256', readFileSync(place)) : 'absent');
  }
  return hash.digest('hex');
}

function read(root: string, file: string): Built['zips'] | undefined {
  try {
    const { inputs, zips, hash } = stored.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (hashOf(root, inputs, JSON.stringify(zips)) !== hash) return undefined;
    return Object.fromEntries(Object.entries(zips).map(([name, zip]) => [name, Buffer.from(zip, 'base64')]));
  } catch {
    return undefined;
  }
}

function write(root: string, file: string, { zips: built, inputs }: Built): void {
  const zips = Object.fromEntries(
    Object.entries(built).map(([name, zip]) => [name, Buffer.from(zip).toString('base64')]),
  );
  const hash = hashOf(root, inputs, JSON.stringify(zips));
  const entry: z.output<typeof stored> = { inputs: [...inputs], zips, hash };
  // Another process that writes the same entry, or reads it, sees it whole or not at all.
  const unfinished = `${file}.${process.pid}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(unfinished, JSON.stringify(entry));
    renameSync(unfinished, file);
    removeOldest(path.dirname(file));
  } catch {
    // The packages may be read-only, or another process may remove the same entry.
  }
}

/** Also removes unfinished entries. */
function removeOldest(folder: string): void {
  const newestFirst = readdirSync(folder)
    .map((name) => path.join(folder, name))
    .map((file) => ({ file, time: statSync(file).mtimeMs }))
    .sort((one, other) => other.time - one.time);
  for (const { file } of newestFirst.slice(MAX_ENTRIES)) rmSync(file, { force: true });
}
