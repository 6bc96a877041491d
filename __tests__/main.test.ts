import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { copyProgram, root } from '../bench/measure/changed-program.ts';
import { environmentNames } from '../environments/index.ts';
import { synthesize } from '../main.ts';
import { onlyInFull } from './support/full-run.ts';
import { filesUnder, runProgram } from './support/stack/program.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'main-'));
});
afterEach(() => rmSync(scratch, { recursive: true }));

test('run as a program it writes a stack for every environment, and the states’, without Terraform on the machine', () => {
  const outdir = path.join(scratch, 'out');
  expect(runProgram(root, { CDKTF_OUTDIR: outdir, PATH: '' })).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(path.join(outdir, 'stacks')).sort()).toEqual(
    [...environmentNames, 'state'].map((name) => `csv-pipeline-${name}`).sort(),
  );
});

onlyInFull(() => {
  test('importing it does nothing', () => {
    const script = `await import(${JSON.stringify(pathToFileURL(path.join(root, 'main.ts')).href)})`;
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: scratch });
    expect(status).toBe(0);
    expect(readdirSync(scratch)).toEqual([]);
  });
});

test('one environment is synthesized into a folder that stands alone', async () => {
  const folder = await synthesize('dev', path.join(scratch, 'out'));
  expect(path.relative(scratch, folder)).toBe(path.join('out', 'stacks', 'csv-pipeline-dev'));
  expect(readdirSync(folder).sort()).toEqual(['assets', 'cdk.tf.json']);
  expect(readdirSync(path.join(scratch, 'out', 'stacks'))).toEqual(['csv-pipeline-dev']);
});

test('an unknown environment is an error that names those that exist, and nothing is written', async () => {
  const outdir = path.join(scratch, 'out');
  await expect(synthesize('prd', outdir)).rejects.toThrow(
    'There is no environment "prd". Choose one of local, dev, staging, prod, or pr-NUMBER for a preview.',
  );
  expect(existsSync(outdir)).toBe(false);
});

test('a wrong setting in one environment stops all of them before anything is written, and the message is all that is printed', () => {
  copyProgram(scratch);
  const file = path.join(scratch, 'environments', 'prod.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace("'444455556666'", "'4444'"));
  const { status, stderr } = runProgram(scratch);
  expect(status).toBe(1);
  // Without a stack trace.
  expect(stderr).toBe(
    'error: The environment "prod" is invalid:\n  accountId: must be the 12 digits of an AWS account ID\n',
  );
  expect(existsSync(path.join(scratch, 'cdktf.out'))).toBe(false);
});

test('nothing but main.ts and constructs/ knows cdktf, and they only by the names that package.json resolves', () => {
  const folders = [
    'asl',
    'aws',
    'bench',
    'datasets',
    'deploy',
    'environments',
    'functions',
    'local',
    'report',
    'tools',
  ];
  const others = folders.flatMap((folder) => [...filesUnder(path.join(root, folder))]);
  const own = [...filesUnder(path.join(root, 'constructs'))];
  expect(importersOf(/#cdktf|#aws\/.*|constructs/, others)).toEqual([]);
  expect(importersOf(/#cdktf|#aws\/.*|constructs/, own)).toContain('pipeline-stack.ts');
  const main = ['main.ts', readFileSync(path.join(root, 'main.ts'))] as const;
  expect(importersOf(/cdktf|@cdktf\/.*/, [main, ...own, ...others])).toEqual([]);
});

/** The TypeScript files that import such a package. */
function importersOf(name: RegExp, files: readonly (readonly [file: string, text: Buffer])[]): string[] {
  const imports = new RegExp(`(from|import\\()\\s*['"](${name.source})['"]`);
  return files
    .filter(([file, text]) => file.endsWith('.ts') && imports.test(text.toString()))
    .map(([file]) => file);
}
