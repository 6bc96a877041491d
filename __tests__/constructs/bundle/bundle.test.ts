import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { FUNCTION_NAMES } from '../../../asl/pipeline.ts';
import { bundle } from '../../../constructs/bundle/bundle.ts';
import { copyProgram, filesUnder, root, runProgram } from '../../support/stack/program.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'bundle-'));
});
afterEach(() => rmSync(scratch, { recursive: true }));

describe.each(FUNCTION_NAMES)('the zip of %s', (name) => {
  const { zip } = bundle(`functions/${name}/index.ts`);
  const { 'index.js': code, 'index.js.map': map, ...others } = unzipSync(zip);

  test('holds the code and its source map, which names files of the repository only, without their text', () => {
    expect(others).toEqual({});
    expect(Buffer.from(code ?? []).toString()).toMatch(/\n\/\/# sourceMappingURL=index\.js\.map\n$/);
    const { sources, sourcesContent } = JSON.parse(Buffer.from(map ?? []).toString());
    expect(sources).toContain(`functions/${name}/index.ts`);
    for (const source of sources) expect(source).toMatch(/^(datasets|functions|node_modules)\//);
    expect(sourcesContent).toBeUndefined();
  });

  test('exports a handler, and loads without a package beside it', () => {
    writeFileSync(path.join(scratch, 'index.js'), code ?? '');
    const { stdout, stderr } = spawnSync(process.execPath, ['-p', 'typeof require("./index.js").handler'], {
      cwd: scratch,
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'function\n', stderr: '' });
  });

  test('is small, and has nothing of the requests that no function makes', () => {
    // A dataset's custom column may bring the whole of zod.
    const hasZod = Buffer.from(map ?? []).includes('node_modules/zod/v4/classic/');
    expect(code?.length).toBeLessThan(hasZod ? Number.POSITIVE_INFINITY : 450_000);
    // A request of S3; esbuild keeps them all where their schemas have computed keys.
    expect(Buffer.from(code ?? []).includes('PutBucketLifecycleConfiguration')).toBe(false);
  });

  test('lets everyone read its files', () => {
    const bytes = Buffer.from(zip);
    const directory = bytes.indexOf('PK\x01\x02', 0, 'latin1');
    expect(bytes.readUInt8(directory + 5)).toBe(3);
    expect(bytes.readUInt32LE(directory + 38) >>> 16).toBe(0o100644);
  });
});

describe('the stack of an error', () => {
  /** Lets a bundle's function fail, in a folder that holds these files of it. */
  const stackOf = (files: Readonly<Record<string, Uint8Array>>): string => {
    for (const [name, contents] of Object.entries(files)) writeFileSync(path.join(scratch, name), contents);
    const script = `require("./index.js").handler({ source: { bucket: "another" }, execution: "e" }, {})
      .catch((error) => process.stdout.write(error.stack));`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], {
      cwd: scratch,
      encoding: 'utf8',
      env: { ...process.env, AWS_REGION: 'eu-central-1', SOURCE_BUCKET: 'own' },
    });
    return stdout;
  };
  const files = unzipSync(bundle('functions/begin-load/index.ts').zip);
  const message = 'InvalidInputError: The input names the bucket another,';

  test('names the lines of the TypeScript files, without an option of Node.js', () => {
    const stack = stackOf(files);
    expect(stack).toMatch(new RegExp(`^${message}`));
    const [, file = '', line] = /\((functions\/core\/[\w/-]+\.ts):(\d+):\d+\)/.exec(stack) ?? [];
    const text = readFileSync(path.join(root, file), 'utf8').split('\n')[Number(line) - 1];
    expect(text).toContain('throw new InvalidInputError(');
    expect(stack).toMatch(/\n {4}at functions\/begin-load\/index\.ts:\d+:\d+\n/);
    expect(stack).not.toContain('index.js');
  });

  test('is the one of the bundle where there is no source map', () => {
    expect(stackOf({ 'index.js': files['index.js'] ?? new Uint8Array() })).toMatch(
      new RegExp(`^${message}[^\n]*\n {4}at \\w+ \\(.*/index\\.js:\\d+:\\d+\\)\n`),
    );
  });
});

test('a function is bundled once, however many stacks use it', () => {
  expect(bundle('functions/fetch-csv/index.ts')).toBe(bundle('functions/fetch-csv/index.ts'));
});

test('a module that does not exist is an error that names it', () => {
  expect(() => bundle('functions/no-such/index.ts')).toThrow('functions/no-such/index.ts');
});

test('any folder, time zone and file time gives the same bytes', () => {
  const copy = path.join(scratch, 'a folder with spaces', 'csv pipeline');
  copyProgram(copy);
  for (const folder of ['datasets', 'functions']) {
    for (const file of readdirSync(path.join(copy, folder), { recursive: true, encoding: 'utf8' }))
      utimesSync(path.join(copy, folder, file), 0, 0);
  }

  // There the packages are a link, here they are not.
  expect(runProgram(copy, { TZ: 'Pacific/Kiritimati' })).toMatchObject({ status: 0 });
  const outdir = path.join(scratch, 'out');
  expect(runProgram(root, { TZ: 'America/St_Johns', CDKTF_OUTDIR: outdir })).toMatchObject({ status: 0 });

  const files = filesUnder(outdir);
  const others = filesUnder(path.join(copy, 'cdktf.out'));
  expect([...files.keys()].filter((file) => file.endsWith('.zip'))).toHaveLength(4 * FUNCTION_NAMES.length);
  expect([...others.keys()]).toEqual([...files.keys()]);
  for (const [file, contents] of files)
    expect({ file, same: others.get(file)?.equals(contents) }).toEqual({ file, same: true });
});

test('other code gives another zip', () => {
  copyProgram(scratch);
  appendFileSync(path.join(scratch, 'functions/reconcile-load/index.ts'), '\nexport const another = 1;\n');
  const script =
    "const { bundle } = await import('./constructs/bundle.ts');" +
    "console.log(bundle('functions/reconcile-load/index.ts').sha256)";
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: scratch,
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
  expect(stdout.trim()).not.toBe(bundle('functions/reconcile-load/index.ts').sha256);
});
