/** `csv-pipeline run` and `check` as separate processes: their output, exit codes, and the files that they leave. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { summary } from '../../../local/print.ts';
import { StateFolder } from '../../../local/state-folder.ts';
import { descendants, exists } from '../../local/processes.ts';
import { csvPipelineIn } from '../../support/csv-pipeline.ts';
import { onlyInFull } from '../../support/full-run.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CLI = join(ROOT, 'cli/index.ts');
const HEADER = 'id,name,amount,date';

let folder: string;
let temporary: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  temporary = join(folder, 'tmp');
  mkdirSync(temporary);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts `csv-pipeline run` in the test's folder, with its own folder for temporary files. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'run', ...args], {
    cwd: folder,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { child, ended: ended.then(([stdout, stderr, [code]]) => ({ code, stdout, stderr })) };
}

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return name;
}

test.each([
  ['loaded', { loaded: 2 }, /^Correct them in that file, and upload it as it is\.$/m],
  [
    'loaded, and the keys that it lacks removed',
    { loaded: 2, removed: 0, kept: 1 },
    / merge FILE r\.csv --out /,
  ],
])('says what to do with rejected rows once a file is %s', (_, output, next) => {
  const nothing = { states: [], log: [], rejected: [], report: null, page: null, state: null };
  const reports = { rejectedReport: 'r.csv', changesReport: 'c.csv' };
  const text = summary({ ...nothing, name: 'e', status: 'SUCCEEDED', output, ...reports });
  expect(text).toMatch(next);
  expect(text).toMatch(/\nKeys that were added, changed and removed: c\.csv\n/);
});

test('loads the sample without any argument, and prints what happened', async () => {
  const { code, stdout, stderr } = await start().ended;
  // Not a terminal, so each state that takes time gets a line when it ends.
  expect(stderr.split('\n').map((line) => line.replace(/\d[^,]*s(?:,|$)/, 'TIME'))).toEqual(
    expect.arrayContaining([
      'FetchCsv: done, TIME',
      expect.stringMatching(/^LoadToDynamoDB: done, TIME 250 rows,/),
    ]),
  );
  expect(stderr).not.toContain('\u001B');
  expect(stdout).toMatch(/LoadChunk +SUCCEEDED.* \d+ loaded/);
  expect(stdout).toMatch(/\nSUCCEEDED[\s\S]*read: (\d+)\n +loaded: \1\n/);
  // Not a terminal, so no colours and no cursor movements.
  expect(stdout).not.toContain('\u001B');
  expect(code).toBe(0);
  const [, page = ''] = /Open the report in a browser: (\S+)\n/.exec(stdout) ?? [];
  expect(readFileSync(join(folder, page), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  expect(readdirSync(temporary)).toEqual([]);
});

test.each([
  ['a file that does not exist', ['nothing.csv'], 'nothing.csv does not exist'],
  ['a folder', ['.'], '. is not a file'],
  ['an unknown option', ['--jsn'], "unknown option '--jsn'"],
  ['an unknown environment', ['--env', 'qa'], 'Allowed choices are local, dev, staging, prod'],
  ['two files', ['notes.txt', 'notes.txt'], 'too many arguments'],
  [
    'items in a folder that does not exist',
    ['notes.txt', '--items', 'no/items'],
    'no/items cannot be written',
  ],
  [
    'items in the file that is read',
    ['notes.txt', '--items', './notes.txt'],
    'notes.txt is the file to load',
  ],
  ['a state in a folder with other files', ['notes.txt', '--state', '.'], 'it contains notes.txt'],
])('%s ends with 2', async (_what, args, message) => {
  file('notes.txt', HEADER);
  const { code, stdout, stderr } = await csvPipelineIn(folder, 'run', ...args, '--json');
  expect(stderr).toContain(message);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'tmp']);
});

test('--check with a state has the exit codes of a plan, and needs a folder that exists', async () => {
  const path = file('a.csv', `${HEADER}\n1,Ada,1,2024-01-01\n`);
  const check = () => csvPipelineIn(folder, 'run', path, '--check', '--state', 'kept');
  expect(await check()).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: kept does not exist. Load a file with --state kept first.\n',
  });
  expect(readdirSync(folder)).not.toContain('kept');
  mkdirSync(join(folder, 'kept'));
  expect(await check()).toMatchObject({ code: 2, stdout: expect.stringContaining('1 to write, 0 rejected') });
});

test('a state for an endpoint of your own ends with 2', async () => {
  process.env.AWS_ENDPOINT_URL_S3 = 'http://127.0.0.1:9';
  const { code, stderr } = await csvPipelineIn(folder, 'run', file('a.csv', HEADER), '--state', 'kept');
  delete process.env.AWS_ENDPOINT_URL_S3;
  expect(code).toBe(2);
  expect(stderr).toContain('but AWS_ENDPOINT_URL_S3 names another. Unset it, or leave --state out.');
  expect(readdirSync(folder)).not.toContain('kept');
});

onlyInFull(() => {
  test('--json prints one object and nothing else, and --items writes the table', async () => {
    const amount = '12345678901234567890123456789012345678';
    const good = file('good.csv', `${HEADER}\nb,B,${amount},2024-01-02\na,A,0.1,2024-01-02\n`);
    const { code, stdout, stderr } = await start(good, '--json', '--items', 'items.jsonl').ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'SUCCEEDED',
      output: { loaded: 2 },
      rejected: [],
      rejectedReport: null,
      page: expect.stringMatching(/^reports\/.*\/report\.html$/),
    });
    expect(readFileSync(join(folder, 'items.jsonl'), 'utf8').split('\n')).toEqual([
      '{"pk":"ROW#a","id":"a","name":"A","amount":0.1,"date":"2024-01-02T00:00:00.000"}',
      `{"pk":"ROW#b","id":"b","name":"B","amount":${amount},"date":"2024-01-02T00:00:00.000"}`,
      '',
    ]);
  });

  test('a failed execution ends with 1, and prints the rejected rows and their report', async () => {
    const bad = file('bad.csv', `${HEADER}\na,A,?,2024-01-02\n`);
    const { code, stdout } = await start(bad, '--json', '--env', 'prod').ended;
    expect(code).toBe(1);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'ValidationError',
      cause: expect.stringMatching(/^1 of 1 rows/),
      rejected: [{ line: 2, column: 'amount' }],
    });
    expect(readFileSync(join(folder, result.rejectedReport), 'utf8')).toContain('a,A,?,2024-01-02,2,amount,');
    // They show rows of the file, so only their owner may read them.
    const written = join(folder, dirname(result.page));
    const names = readdirSync(written).sort();
    expect(names).toEqual(['rejected.csv', 'report.html', 'report.json']);
    const modes = ['', '..', ...names].map((name) => statSync(join(written, name)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600, 0o600]);
  });

  test('--state does what docs/local.md shows', async () => {
    const doc = readFileSync(join(ROOT, 'docs/local.md'), 'utf8');
    const [, shown = ''] = /## Keep the data[\s\S]*?```\n([^`]*)```/.exec(doc) ?? [];
    cpSync(join(ROOT, 'samples/sample.csv'), join(folder, 'samples/sample.csv'));
    const steps = shown.split(/^\$ /m).slice(1);
    expect(steps).toHaveLength(4);
    for (const step of steps) {
      const [command = '', ...lines] = step.split('\n');
      const { stdout } = spawnSync(command.replace('npm start --', `"${process.execPath}" "${CLI}" run`), {
        cwd: folder,
        encoding: 'utf8',
        shell: true,
      });
      expect(stdout.split('\n')).toEqual(expect.arrayContaining(lines.filter((line) => line !== '…')));
    }
  });

  test('a name that does not match the rule ends with 2, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await start(file('notes.txt', HEADER), '--json').ended;
    expect(stderr).toContain('key "notes.txt" does not start the state machine');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.each(['http://127.0.0.1:9', 'nonsense'])(
    'an endpoint %s that cannot be used ends with 2',
    async (url) => {
      process.env.AWS_ENDPOINT_URL_DYNAMODB = url;
      const { ended } = start(file('valid.csv', [HEADER, ''].join('\n')), '--json', '--items', 'kept.jsonl');
      delete process.env.AWS_ENDPOINT_URL_DYNAMODB;
      const { code, stdout, stderr } = await ended;
      expect(stderr).toContain(`AWS_ENDPOINT_URL_DYNAMODB is ${url}, which cannot be used`);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      // The run never started, so it wrote no items.
      expect(readdirSync(folder)).not.toContain('kept.jsonl');
    },
  );
});

onlyInFull(() => {
  test.each([
    [
      'SIGTERM',
      143,
      'while functions run, with --state',
      'kept',
      's3/csv-pipeline-local-source-123456789012/many.csv._S3rver_object',
    ],
    ['SIGINT', 130, 'while it synthesizes', 'tmp', 'synthesized'],
  ] as const)(
    '%s ends it with %d %s, and leaves nothing behind',
    async (signal, expected, _when, place, seen) => {
      const rows = Array.from({ length: 20_000 }, (_, row) => `${row},A,1,2024-01-02`);
      const state = place === 'kept' ? ['--state', place] : [];
      const { child, ended } = start(file('many.csv', [HEADER, ...rows, ''].join('\n')), ...state);
      const parent = join(folder, place);
      const isThere = () => readdirSync(parent).some((name) => existsSync(join(parent, name, seen)));
      while (!existsSync(parent) || !isThere()) await setTimeout(10);
      const started = descendants(child.pid ?? 0);
      expect(started).not.toEqual([]);
      child.kill(signal);
      const { code, stdout } = await ended;
      expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
      expect(readdirSync(temporary)).toEqual([]);
      await setTimeout(200);
      expect(started.filter(exists)).toEqual([]);
      if (place === 'tmp') return;
      // The folder has no data of this run, and the next one can use it.
      expect(readdirSync(parent)).toEqual(['lock']);
      await (await StateFolder.open(parent)).close();
    },
  );
});

describe('--check', () => {
  const rows = [
    'a,A,1,2024-01-02',
    'b,B,?\u009BJ,2024-01-02',
    'a,A,10,2024-01-02',
    'c,"\u001B[2J\nC",9,2024-01-02',
  ];
  const noRows = 'id,name,amuont,date';

  test.each([
    ['a file that would be loaded', 0, [HEADER, rows[0]], 'The file would be loaded: 1 of 1 rows.\n'],
    [
      'a file with rejected rows',
      1,
      [HEADER, ...rows],
      'Nothing would be loaded: ValidationError: 1 of 4 rows are rejected and 0 are allowed.\n',
    ],
    ['a file whose header does not match', 1, [noRows], 'the column "amount" is missing'],
  ])('%s ends with %i, and nothing is written', async (_, expected, lines, verdict) => {
    const checked = file('check.csv', lines.join('\n'));
    const run =
      expected === 0 ? start(checked, '--check').ended : csvPipelineIn(folder, 'run', checked, '--check');
    const { code, stdout, stderr } = await run;
    expect({ code, stderr }).toEqual({ code: expected, stderr: '' });
    expect(stdout.split('\n\n').at(-1)).toContain(verdict);
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['check.csv', 'tmp']);
  });

  test('shows what was found, with control characters escaped', async () => {
    const checked = file('check.txt', [`${HEADER},mo\u001Bre`, ...rows.map((row) => `${row},`)].join('\r\n'));
    const { stdout } = await csvPipelineIn(folder, 'run', checked, '--check');
    const sections = stdout.split('\n\n').map((section) => section.split('\n').map((line) => line.trim()));
    expect(sections).toEqual([
      [
        'Detected',
        'dataset          results',
        'compression      none',
        'encoding         utf-8',
        'delimiter        ,',
        'header lines     1',
        'ignored columns  mo\\u001bre',
      ],
      [
        'Columns',
        expect.stringMatching(/^Column +In the file +Filled +Empty +Rejected +Distinct +Smallest +Largest$/),
        expect.stringMatching(/^id +id +4 +0 +0 +3 +a +c$/),
        expect.stringMatching(/^name +name +4 +0 +0 +3 +\\u001b\[2J\\nC +B$/),
        expect.stringMatching(/^amount +amount +3 +0 +1 +3 +1 +10$/),
        expect.stringMatching(/^date +date +4 +0 +0 +1 +2024-01-02T00:00:00.000 +2024-01-02T00:00:00.000$/),
      ],
      [
        'Counts',
        '4 read, 1 rejected, 1 duplicates',
        expect.stringMatching(/^Code +Column +Rows$/),
        expect.stringMatching(/^not_a_decimal +amount +1$/),
      ],
      [
        'First rejected rows',
        expect.stringMatching(/^Line +Column +Reason$/),
        expect.stringMatching(/^3 +amount +is not a decimal number .*: "\?\\u009bJ"$/),
      ],
      [expect.stringMatching(/^Warning {2}.*\.csv, \.csv\.gz, \.zip or \.csv\.zst\.$/)],
      [expect.stringMatching(/^Nothing would be loaded: /), ''],
    ]);
  });

  test('is what the command check does', async () => {
    const checked = file('check.csv', [HEADER, ...rows].join('\n'));
    const option = await csvPipelineIn(folder, 'run', checked, '--check', '--json');
    const command = await csvPipelineIn(folder, 'check', checked, '--json');
    expect(command).toEqual(option);
    expect(command.code).toBe(1);
  });

  test('prints what docs/local.md shows', async () => {
    const doc = readFileSync(join(ROOT, 'docs/local.md'), 'utf8');
    const [, shown = '', output = ''] = /\$ npm start -- (samples\S+) --check\n([^`]*)```/.exec(doc) ?? [];
    const { stdout } = await csvPipelineIn(folder, 'run', join(ROOT, shown), '--check');
    // An ellipsis stands for omitted lines.
    let rest = stdout.replaceAll(/ +$/gm, '');
    for (const part of output.split('…\n')) {
      expect(rest).toContain(part);
      rest = rest.slice(rest.indexOf(part) + part.length);
    }
    expect(rest).toBe('');
  });

  test('--json prints one object and nothing else', async () => {
    const header = 'Bestell-Nr;Position;Kunden-Nr;Artikel;Menge;Preis;Bestellt am;Versandt am;Status';
    const checked = file('orders.csv', `${header}\n1;1;1;a;1;1,5;01.02.2024;;offen\n`);
    const { code, stdout, stderr } = await csvPipelineIn(
      folder,
      'run',
      ...[checked, '--check', '--json', '--dataset', 'orders'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout);
    expect(Object.keys(result)).toEqual([
      ...['file', 'dataset', 'accepted', 'error', 'cause', 'warnings', 'detected'],
      ...['columns', 'counts', 'uncompared', 'rejects', 'rejected'],
    ]);
    expect(result).toMatchObject({ dataset: 'orders', accepted: true, counts: { read: 1, rejected: 0 } });
    expect(result.columns.at(-1)).toEqual({
      name: 'note',
      header: null,
      filled: 0,
      empty: 0,
      rejected: 0,
      distinct: 0,
      moreDistinct: false,
      smallest: null,
      largest: null,
    });
  });

  test.each([
    ['a file that does not exist', ['nothing.csv'], 'nothing.csv does not exist'],
    ['a file for the items', ['.', '--items', 'x'], "'--check' cannot be used with option '--items <file>'"],
    [
      'a dataset that the environment lacks',
      [CLI, '--env', 'prod', '--dataset', 'orders'],
      'The environment has no dataset "orders"; choose one with --dataset: results.',
    ],
  ])('%s ends with 2', async (_, args, message) => {
    const { code, stdout, stderr } = await csvPipelineIn(folder, 'run', '--check', '--json', ...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
