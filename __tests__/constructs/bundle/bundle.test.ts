import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { FUNCTION_NAMES } from '../../../asl/pipeline.ts';
import { copyProgram, root } from '../../../bench/measure/changed-program.ts';
import { type Bundles, bundleFunctions } from '../../../constructs/bundle/bundle.ts';
import { everyNth, onlyInFull } from '../../support/full-run.ts';
import { filesUnder, runProgram } from '../../support/stack/program.ts';

let bundles: Bundles;
beforeAll(async () => {
  bundles = await bundleFunctions();
});

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'bundle-'));
});
afterEach(() => rmSync(scratch, { recursive: true }));

describe.each(everyNth(5, FUNCTION_NAMES))('the zip of %s', (name) => {
  let [code, map] = [Buffer.alloc(0), Buffer.alloc(0)];
  beforeAll(() => {
    const files = unzipSync(bundles[name].zip);
    expect(Object.keys(files).sort()).toEqual(['index.js', 'index.js.map']);
    [code, map] = [Buffer.from(files['index.js'] ?? []), Buffer.from(files['index.js.map'] ?? [])];
  });

  test('holds the code and its source map, which names files of the repository only, without their text', () => {
    expect(code.toString()).toMatch(/\n\/\/# sourceMappingURL=index\.js\.map\n$/);
    const { sources, sourcesContent } = JSON.parse(map.toString());
    expect(sources).toContain(`functions/${name}/index.ts`);
    for (const source of sources)
      expect(source).toMatch(/^(constructs\/bundle|datasets|functions|node_modules)\//);
    expect(sourcesContent).toBeUndefined();
  });

  test('exports a handler, and loads without a package beside it', () => {
    writeFileSync(path.join(scratch, 'index.js'), code);
    const { stdout, stderr } = spawnSync(process.execPath, ['-p', 'typeof require("./index.js").handler'], {
      cwd: scratch,
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'function\n', stderr: '' });
  });

  test('is small, and has nothing of what no function needs', () => {
    // A dataset's custom column may bring the whole of zod.
    const hasZod = map.includes('node_modules/zod/v4/classic/');
    expect(code.length).toBeLessThan(hasZod ? Number.POSITIVE_INFINITY : 550_000);
    for (const needless of ['credential-provider-sso', 'endpoint-cache/', 'EventStreamMarshaller']) {
      expect({ needless, isIn: map.includes(needless) }).toEqual({ needless, isIn: false });
    }
  });

  test('lets everyone read its files', () => {
    const bytes = Buffer.from(bundles[name].zip);
    const directory = bytes.indexOf('PK\x01\x02', 0, 'latin1');
    expect(bytes.readUInt8(directory + 5)).toBe(3);
    expect(bytes.readUInt32LE(directory + 38) >>> 16).toBe(0o100644);
  });
});

describe('the stack of an error', () => {
  /** Lets a bundle's function fail, in a folder that holds these files of it. */
  const stackOf = (files: Readonly<Record<string, Uint8Array>>): string => {
    for (const [name, contents] of Object.entries(files)) writeFileSync(path.join(scratch, name), contents);
    const script = `require("./index.js").handler({ source: { bucket: "another" }, format: { dataset: "results" }, execution: "e" }, {})
      .catch((error) => process.stdout.write(error.stack));`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], {
      cwd: scratch,
      encoding: 'utf8',
      env: { ...process.env, AWS_REGION: 'eu-central-1', SOURCE_BUCKET: 'own', LEDGER_TABLE: 'ledger' },
    });
    return stdout;
  };
  const filesOf = () => unzipSync(bundles['begin-load'].zip);
  const message = 'InvalidInputError: The input names the bucket another,';

  test('names the lines of the TypeScript files, without an option of Node.js', () => {
    const stack = stackOf(filesOf());
    expect(stack).toMatch(new RegExp(`^${message}`));
    const [, file = '', line] = /\((functions\/core\/[\w/-]+\.ts):(\d+):\d+\)/.exec(stack) ?? [];
    const text = readFileSync(path.join(root, file), 'utf8').split('\n')[Number(line) - 1];
    expect(text).toContain('throw new InvalidInputError(');
    expect(stack).toMatch(/\n {4}at functions\/core\/task\.ts:\d+:\d+\n/);
    expect(stack).not.toContain('index.js');
  });

  test('is the one of the bundle where there is no source map', () => {
    expect(stackOf({ 'index.js': filesOf()['index.js'] ?? new Uint8Array() })).toMatch(
      new RegExp(`^${message}[^\n]*\n {4}at \\w+ \\(.*/index\\.js:\\d+:\\d+\\)\n`),
    );
  });
});

test('the functions are bundled once, however many stacks use them', async () => {
  expect(await bundleFunctions()).toBe(bundles);
});

/** What a build in the folder makes, as JSON, whatever an earlier one has left in the cache. */
function built(folder: string, timeZone: string): Readonly<Record<string, unknown>> {
  const script = `const { buildFunctions } = await import('./constructs/bundle/build.ts');
    const { zips } = await buildFunctions(process.cwd());
    const { createHash } = await import('node:crypto');
    const sha256 = (zip) => createHash('sha256').update(zip).digest('base64');
    console.log(JSON.stringify(Object.entries(zips).map(([name, zip]) => [name, { sha256: sha256(zip) }])));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    env: { ...process.env, TZ: timeZone },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return Object.fromEntries(JSON.parse(stdout));
}

onlyInFull(() => {
  test('any folder, time zone and file time gives the same bytes', () => {
    const copy = path.join(scratch, 'a folder with spaces', 'csv pipeline');
    copyProgram(copy);
    for (const folder of ['datasets', 'functions']) {
      for (const file of filesUnder(path.join(copy, folder)).keys())
        utimesSync(path.join(copy, folder, file), 0, 0);
    }
    // There the packages are a link, here they are not.
    const there = built(copy, 'Pacific/Kiritimati');
    expect(there).toMatchObject(Object.fromEntries(FUNCTION_NAMES.map((name) => [name, {}])));
    expect(built(root, 'America/St_Johns')).toEqual(there);
    expect(bundles).toMatchObject(there);
  });

  test('any folder gives the same stacks', () => {
    copyProgram(scratch);
    expect(runProgram(scratch)).toMatchObject({ status: 0 });
    const outdir = path.join(scratch, 'out');
    expect(runProgram(root, { CDKTF_OUTDIR: outdir })).toMatchObject({ status: 0 });

    const files = filesUnder(outdir);
    const others = filesUnder(path.join(scratch, 'cdktf.out'));
    expect([...files.keys()].filter((file) => file.endsWith('.zip'))).toHaveLength(4 * FUNCTION_NAMES.length);
    expect([...others.keys()]).toEqual([...files.keys()]);
    for (const [file, contents] of files)
      expect({ file, same: others.get(file)?.equals(contents) }).toEqual({ file, same: true });
  });

  test('a function that does not exist is an error that names it, and nothing is written', () => {
    copyProgram(scratch);
    rmSync(path.join(scratch, 'functions/begin-load/index.ts'));
    const { status, stderr } = runProgram(scratch);
    expect(status).toBe(1);
    expect(stderr).toContain('Could not resolve "functions/begin-load/index.ts"');
    expect(existsSync(path.join(scratch, 'cdktf.out'))).toBe(false);
  });

  test('other code gives another zip of the function that has it', () => {
    copyProgram(scratch);
    appendFileSync(path.join(scratch, 'functions/reconcile-load/index.ts'), '\nexport const another = 1;\n');
    const script = `const { bundleFunctions } = await import('./constructs/bundle/bundle.ts');
    const bundles = Object.entries(await bundleFunctions());
    console.log(JSON.stringify(bundles.map(([name, { sha256 }]) => [name, sha256])));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: scratch,
      encoding: 'utf8',
    });
    const changed: Readonly<Record<string, string>> = Object.fromEntries(JSON.parse(stdout));
    expect(FUNCTION_NAMES.filter((name) => changed[name] !== bundles[name].sha256)).toEqual([
      'reconcile-load',
    ]);
  });
});
