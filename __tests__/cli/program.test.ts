/** Help, wrong usage, and the exit codes, as in docs/cli.md. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { commands } from '../../cli/program.ts';
import { csvPipeline } from '../support/csv-pipeline.ts';
import { onlyInFull } from '../support/full-run.ts';

const ROOT = join(__dirname, '../..');
const names = commands.map((command) => command.name());

afterEach(() => jest.restoreAllMocks());

test('help does not load modules that only a command needs', () => {
  const loaded = Object.keys(require.cache);
  expect(loaded).toContainEqual(expect.stringContaining('/node_modules/commander/'));
  expect(
    loaded.filter((path) => /node_modules\/(@aws-sdk\/(client|lib)-|cdktf|esbuild|cli-)/.test(path)),
  ).toEqual([]);
});

test('--help lists the commands and the exit codes', async () => {
  const { code, stdout, stderr } = await csvPipeline('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const listed = [...stdout.matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(([, name]) => name);
  expect(listed).toEqual(names);
  expect(stdout).toContain('Exit codes: 0 succeeded, 1 ran and failed, 2 did not run.');
});

test.each(names)('%s --help prints its usage', async (name) => {
  const { code, stdout, stderr } = await csvPipeline(name, '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`Usage: csv-pipeline ${name} [options]`);
});

test.each([
  ['no command', [], 2, 'Usage: csv-pipeline [options] [command]'],
  ['an unknown command', ['rnu'], 2, "unknown command 'rnu'\n(Did you mean run?)"],
  ['an unknown option', ['run', '--jsn'], 2, "unknown option '--jsn'\n(Did you mean --json?)"],
  [
    'an unknown option of drift',
    ['drift', '--env', 'dev', '--jsn'],
    1,
    "unknown option '--jsn'\n(Did you mean --json?)",
  ],
  ['an unknown environment', ['plan', '--env', 'qa'], 2, 'choices are local, dev, staging, prod, pr-NUMBER.'],
  [
    'a preview, which run does not accept',
    ['run', '--env', 'pr-1'],
    2,
    'choices are local, dev, staging, prod.',
  ],
  ['an unknown environment of drift', ['drift', '--env', 'qa'], 1, 'Allowed choices are local'],
  ['no environment', ['deploy'], 2, "required option '--env <name>' not specified"],
  [
    'an undo of nowhere',
    ['undo', '--key', 'a.csv'],
    2,
    'Name the environment of the file with --env, or a folder with --state.',
  ],
  [
    'an undo in a folder that does not exist',
    ['undo', '--key', 'a.csv', '--state', '/nothing'],
    2,
    '/nothing does not exist. Load a file with --state /nothing first.',
  ],
  [
    'items of nowhere',
    ['items', '--dataset', 'orders'],
    2,
    'Name the environment of the table with --env, or a folder with --state.',
  ],
  [
    'a file that does not exist',
    ['cost', 'nothing.csv'],
    2,
    'nothing.csv is neither a file nor a size such as 250MB',
  ],
  ['an invalid number', ['cost', '1MB', '--rows', '0'], 2, 'a whole number above 0'],
  ['an invalid share', ['cost', '1MB', '--unchanged', '99'], 2, 'a number from 0 to 1'],
])('%s is wrong usage', async (_, args, expected, message) => {
  const { code, stdout, stderr } = await csvPipeline(...args);
  expect(stderr).toContain(message);
  expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
});

test.each([
  ['check', [join(ROOT, 'samples/sample.csv')], 2],
  ['plan', ['--env', 'local'], 2],
  ['drift', ['--env', 'local'], 1],
])('%s does not run in an invalid environment', async (name, args, expected) => {
  jest.replaceProperty(process, 'env', { ...process.env, OFFLINE_AWS_PROVIDER_VERSION: 'newest' });
  const { code, stdout, stderr } = await csvPipeline(name, ...args);
  expect(stderr).toBe(
    'error: The environment "local" is invalid:\n  awsProviderVersion: must be a version such as 6.25.0\n',
  );
  expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
});

describe("no control character of a file's name, its cells or its columns reaches the terminal", () => {
  const NAME = '\u001B[2J\u009B8m\u2028\u202E.csv';
  const ESCAPED = String.raw`\u001b[2J\u009b8m\u2028\u202e.csv`;
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cli-'));
    path = join(folder, NAME);
    writeFileSync(path, 'id,name,amount,date,\u001B]0;\u0007\na,A,\u001B[8m,2024-01-01,\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each([
    ['check', () => [], 1, String.raw`\u001b]0;\u0007`],
    ['check', () => ['--json'], 1, `${ESCAPED}"`],
    ['check', () => ['--\u001B'], 2, String.raw`unknown option '--\u001b'`],
    ['run', () => ['--items', path], 2, `${ESCAPED} is the file to load`],
    ['merge', () => [path, '--out', `${path}.csv`], 1, ESCAPED],
    ['new-dataset', () => ['--name', 'drawn', '--out', join(folder, 'drawn.ts')], 0, ESCAPED],
  ])('%s', async (command, options, expected, seen) => {
    const { code, stdout, stderr } = await csvPipeline(command, path, ...options());
    expect(stdout + stderr).toContain(seen);
    expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]|[\u2028\u202E]/u);
    expect(code).toBe(expected);
  });

  test('a command that does not exist', async () => {
    const { stderr } = await csvPipeline('\u001B[2J');
    expect(stderr).toContain(String.raw`unknown command '\u001b[2J'`);
  });
});

test('the process exits with that code', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'cli/index.ts'), 'drift'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "error: required option '--env <name>' not specified\n",
  });
});

onlyInFull(() => {
  test('npx finds the program in the checkout, and runs it with the Node.js of the project', () => {
    // The PATH of a terminal, without what npm adds to it for this test.
    const path = process.env.PATH?.split(delimiter).filter((folder) => !folder.includes('node_modules'));
    const { status, stdout, stderr } = spawnSync('npx', ['csv-pipeline', 'check', '--help'], {
      cwd: join(ROOT, 'samples'),
      env: { ...process.env, PATH: path?.join(delimiter), npm_config_offline: 'true' },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Usage: csv-pipeline check [options] <file>');
  });
});
