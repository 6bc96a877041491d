/** Bundles the Lambda functions: the same bytes from every machine, folder and time zone. */

import path from 'node:path';
import { type BuildOptions, build, stop, version } from 'esbuild';
import { type Zippable, zipSync } from 'fflate';
import { FUNCTION_NAMES, type FunctionName } from '../../asl/pipeline.ts';
import type { Built } from './cache.ts';

const buildOptions = {
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
  // Many packages also have ES modules, from which esbuild can remove unused code; from CommonJS it cannot.
  mainFields: ['module', 'main'],
  entryPoints: FUNCTION_NAMES.map((name) => ({ in: `functions/${name}/index.ts`, out: name })),
  inject: ['./constructs/bundle/stack.ts'],
  alias: {
    '#backtracking': './constructs/bundle/backtracking.ts',
    '@aws-sdk/credential-provider-node': './constructs/bundle/credentials.ts',
    '@aws-sdk/endpoint-cache': './constructs/bundle/endpoint-cache.ts',
    '@smithy/core/event-streams': './constructs/bundle/event-streams.ts',
  },
  // For stack traces with the lines of the TypeScript files; including their text would only make the zip larger.
  sourcemap: 'external',
  footer: { js: '//# sourceMappingURL=index.js.map' },
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'silent',
  // Links are not followed out of the root, so that no path of this machine gets into the output.
  preserveSymlinks: true,
} as const satisfies BuildOptions;

const zipOptions = {
  level: 6,
  // Unix, a regular file that everyone may read: Lambda runs the code as another user.
  os: 3,
  attrs: 0o100644 << 16,
} as const;

/** Everything but files that a build depends on, as text. */
export const BUILD_SETTINGS = JSON.stringify({ version, buildOptions, zipOptions });

/**
 * Bundles each function with all that it imports into a zip with `index.js` and its source map.
 * @param root the repository's root
 * @throws esbuild's BuildFailure when a module does not exist or does not compile
 */
export async function buildFunctions(root: string): Promise<Built> {
  const { outputFiles, metafile } = await build({
    ...buildOptions,
    absWorkingDir: root,
    outdir: root,
    // Otherwise, esbuild's process would keep its 340 MB of memory until this one ends.
  }).finally(stop);
  const contents = new Map(outputFiles.map((file) => [path.relative(root, file.path), file.contents]));
  const archive = (name: FunctionName): Uint8Array => {
    const files: Zippable = {};
    for (const extension of ['js', 'js.map']) {
      files[`index.${extension}`] = contents.get(`${name}.${extension}`) ?? new Uint8Array();
    }
    // A zip contains a local time, which fflate takes from this Date. A Date made from local parts gives the same in
    // every time zone. It is noon, because in some zones there are days without a midnight.
    return zipSync(files, { ...zipOptions, mtime: new Date(1980, 0, 1, 12) });
  };
  return {
    zips: Object.fromEntries(FUNCTION_NAMES.map((name) => [name, archive(name)])),
    inputs: Object.keys(metafile.inputs),
  };
}
