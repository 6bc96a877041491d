/** Which way the imports between the folders go. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..');

/** What each room may import of the others; a room is a folder, or a file of its own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['constructs', 'environments', 'functions/core/errors.ts'],
  cli: [
    'aws',
    'bench',
    'datasets',
    'deploy',
    'environments',
    'functions/core/errors.ts',
    'local',
    'report',
    'tools',
  ],
  constructs: [
    'asl',
    'datasets',
    'environments',
    'functions/core/container',
    'functions/core/dataset',
    'functions/core/runtime',
  ],
  asl: ['functions', 'functions/core/errors.ts', 'functions/core/runtime'],
  environments: ['asl', 'datasets', 'functions', 'functions/core/dataset', 'functions/core/errors.ts'],
  local: ['main.ts', 'report'],
  aws: [
    'datasets',
    'environments',
    'functions/core/container',
    'functions/core/dataset',
    'functions/core/errors.ts',
    'functions/core/ledger',
    'functions/core/runtime',
    'functions/core/storage',
    'report',
  ],
  deploy: ['aws', 'environments', 'main.ts', 'report'],
  report: ['datasets', 'functions/core/dataset'],
  datasets: ['functions/core/dataset', 'functions/core/errors.ts'],
  terrain: [],
  // Handlers import what they call, and no step imports a handler.
  functions: ['datasets', 'functions/core'],
  'functions/core/errors.ts': [],
  'functions/core/dataset': ['functions/core/errors.ts'],
  'functions/core/messages.ts': ['functions/core/dataset'],
  'functions/core/feed': [
    'functions/core/dataset',
    'functions/core/errors.ts',
    'functions/core/messages.ts',
    'functions/core/runtime',
    'functions/core/storage',
    'functions/core/working',
  ],
  'functions/core/runtime': ['functions/core/dataset', 'functions/core/errors.ts'],
  'functions/core/storage': ['functions/core/errors.ts', 'functions/core/messages.ts'],
  'functions/core/container': [
    'functions/core/errors.ts',
    'functions/core/messages.ts',
    'functions/core/storage',
  ],
  'functions/core/csv': [
    'functions/core/container',
    'functions/core/dataset',
    'functions/core/errors.ts',
    'functions/core/messages.ts',
    'functions/core/runtime',
    'functions/core/storage',
  ],
  'functions/core/table': [
    'functions/core/dataset',
    'functions/core/errors.ts',
    'functions/core/messages.ts',
    'functions/core/storage',
  ],
  'functions/core/ledger': [
    'functions/core/dataset',
    'functions/core/errors.ts',
    'functions/core/messages.ts',
    'functions/core/runtime',
    'functions/core/storage',
  ],
  'functions/core/working': [
    'functions/core/container',
    'functions/core/csv',
    'functions/core/dataset',
    'functions/core/errors.ts',
    'functions/core/messages.ts',
    'functions/core/storage',
  ],
  'functions/core/steps': [
    'functions/core/csv',
    'functions/core/dataset',
    'functions/core/errors.ts',
    'functions/core/feed',
    'functions/core/ledger',
    'functions/core/messages.ts',
    'functions/core/runtime',
    'functions/core/storage',
    'functions/core/table',
    'functions/core/working',
  ],
  'functions/core/task.ts': [
    'datasets',
    'functions/core/dataset',
    'functions/core/errors.ts',
    'functions/core/ledger',
    'functions/core/messages.ts',
    'functions/core/runtime',
    'functions/core/storage',
  ],
};

/** Rooms that nothing but the command line imports, and that may import what they like of the others. */
const TOOLS = ['bench', 'tools'];

/** More files than one takes in at a glance. */
const MAX_FILES = 15;

const SKIPPED = ['node_modules', '__tests__', 'cdktf.out', 'coverage', 'reports'];

/** The TypeScript files under a folder, by their path from the root. */
function sources(folder = ''): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      return SKIPPED.includes(entry.name) || entry.name.startsWith('.') ? [] : sources(file);
    }
    return folder !== '' || entry.name === 'main.ts' ? [file].filter((name) => name.endsWith('.ts')) : [];
  });
}

function roomOf(file: string): string {
  const parts = file.split('/');
  if (file.startsWith('functions/core/')) return parts.slice(0, 3).join('/');
  return parts[0] ?? '';
}

/** The files of the project that a file imports, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'(\.[^']+)'/gm);
  return Array.from(found, ([, target = '']) => path.posix.join(path.posix.dirname(file), target));
}

const files = sources();

test('there are files, with imports', () => {
  expect(files.length).toBeGreaterThan(150);
  expect(importsOf('main.ts')).toContain('constructs/pipeline-stack.ts');
  expect(importsOf('cli/commands/run.ts').length).toBeGreaterThan(3);
});

test('every import goes the way that the rooms allow', () => {
  const wrong = files.flatMap((file) => {
    const from = roomOf(file);
    if (TOOLS.includes(from)) return [];
    const allowed = MAY_IMPORT[from] ?? [];
    return importsOf(file)
      .filter((target) => {
        const to = roomOf(target);
        return to !== from && !allowed.some((room) => to === room || to.startsWith(`${room}/`));
      })
      .map((target) => `${file} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('every room is known here, and none is allowed that does not exist', () => {
  const rooms = new Set(files.map(roomOf));
  expect([...rooms].filter((room) => !(room in MAY_IMPORT) && !TOOLS.includes(room))).toEqual([]);
  const named = [...Object.keys(MAY_IMPORT), ...Object.values(MAY_IMPORT).flat(), ...TOOLS];
  expect(named.filter((room) => !rooms.has(room) && room !== 'functions/core')).toEqual([]);
});

test('constructs and environments know datasets only through datasets/index.ts', () => {
  const known = files
    .filter((file) => ['constructs', 'environments'].includes(roomOf(file)))
    .flatMap((file) => importsOf(file).filter((target) => target.startsWith('datasets/')));
  expect([...new Set(known)]).toEqual(['datasets/index.ts']);
  const named = (file: string) =>
    /import \{ (.*) \} from '..\/datasets\/index.ts'/.exec(readFileSync(path.join(root, file), 'utf8'))?.[1];
  expect(named('constructs/csv-pipeline.ts')).toBe('tableOf');
  expect(named('environments/schema.ts')).toBe('datasetNames');
});

test('only the stacks know environments; the construct takes properties of its own', () => {
  const knowing = files.filter(
    (file) =>
      file.startsWith('constructs/') && importsOf(file).some((target) => target.startsWith('environments/')),
  );
  expect(knowing.sort()).toEqual([
    'constructs/aws-provider.ts',
    'constructs/backend.ts',
    'constructs/pipeline-stack.ts',
    'constructs/state-stack.ts',
  ]);
});

test(`no folder has more than ${MAX_FILES} files side by side`, () => {
  const counts = Map.groupBy(files, (file) => path.posix.dirname(file));
  const full = [...counts].filter(([, { length }]) => length > MAX_FILES).map(([folder]) => folder);
  expect(full).toEqual([]);
});
