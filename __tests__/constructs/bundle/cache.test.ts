import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Built, CACHE_FOLDER, cached } from '../../../constructs/bundle/cache.ts';

let root: string;
let builds: number;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'cache-'));
  builds = 0;
  write('functions/one/index.ts', 'one');
  write('datasets/results.ts', 'results');
  write('constructs/bundle/build.ts', 'build');
  write('asl/errors.ts', 'errors');
  write('package.json', '{}');
  write('package-lock.json', '{}');
  write('tsconfig.json', '{}');
  write('node_modules/.package-lock.json', '{}');
  write('node_modules/csv/index.js', 'csv');
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

const build = async (): Promise<Built> => {
  builds += 1;
  return {
    zips: { one: Buffer.from(`build ${builds}`) },
    inputs: ['functions/one/index.ts', 'asl/errors.ts', 'node_modules/csv/index.js'],
  };
};

async function text(options = 'options'): Promise<string> {
  const { one } = await cached(root, options, build);
  return Buffer.from(one ?? []).toString();
}

const entries = () =>
  readdirSync(path.join(root, CACHE_FOLDER)).map((name) => path.join(root, CACHE_FOLDER, name));

test('what was built once is not built again', async () => {
  expect([await text(), await text(), await text()]).toEqual(['build 1', 'build 1', 'build 1']);
});

test.each([
  ['a function', 'functions/one/index.ts'],
  ['a dataset', 'datasets/results.ts'],
  ['the bundler', 'constructs/bundle/build.ts'],
  ['a file elsewhere that is bundled', 'asl/errors.ts'],
  ['an installed package by hand', 'node_modules/csv/index.js'],
  ['the lock file', 'package-lock.json'],
  ['what is installed', 'node_modules/.package-lock.json'],
  ['the settings of the compiler', 'tsconfig.json'],
])('whoever changes %s gets a new build', async (_, file) => {
  await text();
  write(file, '{ "changed": true }');
  expect([await text(), await text()]).toEqual(['build 2', 'build 2']);
});

test('a new file, which may be imported in place of another, gets a new build', async () => {
  await text();
  write('functions/one.ts', '');
  expect(await text()).toBe('build 2');
});

test('a file that is only renamed gets a new build', async () => {
  await text();
  rmSync(path.join(root, 'functions/one/index.ts'));
  write('functions/two/index.ts', 'one');
  expect(await text()).toBe('build 2');
});

test('other options get a new build, and the former ones still have theirs', async () => {
  expect([await text(), await text('others'), await text()]).toEqual(['build 1', 'build 2', 'build 1']);
});

test('a file that changes while it is built is not taken for what was built', async () => {
  await cached(root, 'options', async () => {
    write('functions/one/index.ts', 'another');
    return build();
  });
  write('functions/one/index.ts', 'one');
  expect(await text()).toBe('build 2');
});

test.each<[string, (file: string) => void]>([
  ['is cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, 100))],
  ['is empty', (file) => writeFileSync(file, '')],
  [
    'has a zip that is damaged',
    (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"one":"Yn', '"one":"Yj')),
  ],
])('an entry that %s is built again', async (_, damage) => {
  await text();
  const [file = ''] = entries();
  const before = readFileSync(file);
  damage(file);
  expect(readFileSync(file).equals(before)).toBe(false);
  expect([await text(), await text()]).toEqual(['build 2', 'build 2']);
});

test('a build that fails is tried again', async () => {
  await expect(cached(root, 'options', () => Promise.reject(new Error('no such module')))).rejects.toThrow(
    'no such',
  );
  expect(await text()).toBe('build 1');
});

test('where nothing can be written everything is built', async () => {
  write('node_modules/.cache', 'a file, where the folder would be');
  expect([await text(), await text()]).toEqual(['build 1', 'build 2']);
});

test('the newest twenty entries are kept', async () => {
  for (let count = 0; count < 25; count += 1) await text(`options ${count}`);
  expect(entries()).toHaveLength(20);
});

test('processes that build at the same time leave one whole entry', async () => {
  const script = `const { cached } = await import(${JSON.stringify(path.join(__dirname, '../../../constructs/bundle/cache.ts'))});
    const zips = { one: Buffer.alloc(3e6, 'x') };
    await cached(${JSON.stringify(root)}, 'options', async () => ({ zips, inputs: [] }));`;
  const processes = [1, 2, 3].map(() =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' }),
  );
  expect(await Promise.all(processes.map(async (child) => (await once(child, 'exit'))[0]))).toEqual([
    0, 0, 0,
  ]);
  expect(entries()).toHaveLength(1);
  expect(await text()).toBe('x'.repeat(3e6));
});
