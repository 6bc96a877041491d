/** A Lambda function's deployment package: the same bytes from every machine, folder and time zone. */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';
import { type Zippable, zipSync } from 'fflate';
import { FUNCTION_NAMES } from '../../asl/pipeline.ts';

export interface Bundle {
  readonly zip: Uint8Array;
  /** Base64, as Terraform's `source_code_hash` wants it. */
  readonly sha256: string;
}

const root = path.resolve(import.meta.dirname, '../..');

/** Several stacks use the same functions; each is bundled once in a process. */
const bundles = new Map<string, Bundle>();

/**
 * Bundles a TypeScript module and all it imports into a zip that holds `index.js` and its source map.
 * @param entry the module, relative to the repository's root, with forward slashes
 * @throws esbuild's BuildFailure when the module does not exist or does not compile
 */
export function bundle(entry: string): Bundle {
  if (!bundles.has(entry)) {
    // With its neighbours: they share most of their code, and each start of esbuild takes a fifth of a second.
    const first = Math.floor(FUNCTIONS.indexOf(entry) / TOGETHER) * TOGETHER;
    const entries = FUNCTIONS.includes(entry) ? FUNCTIONS.slice(first, first + TOGETHER) : [entry];
    for (const [index, files] of shrunk(modulesOf(entries)).entries()) {
      const zip = archive(files);
      bundles.set(entries[index] ?? '', { zip, sha256: createHash('sha256').update(zip).digest('base64') });
    }
  }
  const result = bundles.get(entry);
  if (result === undefined) throw new Error(`${entry} was not bundled.`);
  return result;
}

/** Functions that are bundled at once; of all eight esbuild would take 420 MB of memory. */
const TOGETHER = 2;

const FUNCTIONS: readonly string[] = FUNCTION_NAMES.map((name) => `functions/${name}/index.ts`);

/** One ES module for each entry, with all that it imports. */
function modulesOf(entries: readonly string[]): readonly string[] {
  const { outputFiles } = buildSync({
    ...common,
    // With paths from the root on, and links not followed out of it, no path of this machine gets into the output.
    absWorkingDir: root,
    outdir: root,
    preserveSymlinks: true,
    // The ES modules that many packages also have can be shaken; CommonJS cannot.
    mainFields: ['module', 'main'],
    entryPoints: entries.map((entry, index) => ({ in: entry, out: String(index) })),
    inject: ['./constructs/bundle/stack.ts'],
    alias: {
      '@aws-sdk/credential-provider-node': './constructs/bundle/credentials.ts',
      '@aws-sdk/endpoint-cache': './constructs/bundle/endpoint-cache.ts',
      '@smithy/core/event-streams': './constructs/bundle/event-streams.ts',
    },
    format: 'esm',
    sourcemap: 'inline',
  });
  return outputFiles.map(({ text }) => text);
}

/** The files of modules that are shaken and minified, each in a folder of its own. */
function shrunk(modules: readonly string[]): readonly ReadonlyMap<string, Uint8Array>[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'csv-pipeline-'));
  try {
    const entryPoints = modules.map((module, index) => {
      const file = path.join(folder, String(index), 'index.mjs');
      mkdirSync(path.dirname(file));
      writeFileSync(file, withPlainKeys(module));
      return file;
    });
    const { outputFiles } = buildSync({
      ...common,
      absWorkingDir: folder,
      outdir: folder,
      outbase: folder,
      entryPoints,
      format: 'cjs',
      minify: true,
      // Gives stack traces the lines of the TypeScript files; their text would only make the zip bigger.
      sourcemap: 'linked',
    });
    return entryPoints.map((entryPoint) => {
      const files = outputFiles.filter((file) => path.dirname(file.path) === path.dirname(entryPoint));
      return new Map(files.map((file) => [path.basename(file.path), file.contents]));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const common = {
  write: false,
  bundle: true,
  platform: 'node',
  target: 'node24',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

/** What esbuild writes for the schemas of one of the SDK's clients: constants alone, and no comment. */
const SCHEMAS = /^\/\/ node_modules\/@aws-sdk\/\S+\/schemas_0\.js\n[\s\S]*?(?=^\/\/ )/gm;

/**
 * Writes `{ http: … }` for the `{ [_h]: … }` of the schemas, whose `_h` is a constant text. A computed key could run
 * code, so that esbuild keeps each object that has one: the schemas of all of S3's requests, 50 KB.
 */
function withPlainKeys(code: string): string {
  return code.replace(SCHEMAS, (schemas) => {
    const texts = new Map(
      [...schemas.matchAll(/^var (\w+) = ("\w*");$/gm)].map(([, name, text]) => [name, text]),
    );
    return schemas.replace(/\[(\w+)\](?=: )/g, (key, name) => texts.get(name) ?? key);
  });
}

function archive(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries: Zippable = {};
  for (const [name, contents] of files) entries[name] = [contents, zipOptions];
  return zipSync(entries);
}

const zipOptions = {
  level: 6,
  // A zip holds local time, and fflate asks this Date for it: built from local parts it says the same in every
  // time zone. Noon, because some zones have days without a midnight.
  mtime: new Date(1980, 0, 1, 12),
  // Unix, a regular file that everyone may read: Lambda runs the code as another user.
  os: 3,
  attrs: 0o100644 << 16,
} as const;
