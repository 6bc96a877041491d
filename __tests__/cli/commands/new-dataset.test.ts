/** `csv-pipeline new-dataset` as a separate process: its files, output and exit codes. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import { csvPipelineIn } from '../../support/csv-pipeline.ts';
import { onlyInFull } from '../../support/full-run.ts';
import { Generator } from '../../support/generated.ts';

const root = join(__dirname, '../../..');

const generator = new Generator();
afterAll(() => generator.remove());

describe('csv-pipeline new-dataset', () => {
  const run = (...args: string[]) => csvPipelineIn(generator.folder, 'new-dataset', ...args);

  /** In a process of its own, which loads another copy of the project. */
  async function runIn(project: string, ...args: string[]) {
    const child = spawn(process.execPath, [join(project, 'cli/index.ts'), ...args], {
      cwd: generator.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    const [stdout, stderr, [code]] = await ended;
    return { code, stdout, stderr };
  }

  test('writes a module that compiles and is formatted, and prints what is left to do', async () => {
    const hostile = [
      'it\'s "*/',
      '`${x}`\\',
      'a\nb',
      'x\u2028y',
      'Eine ziemlich lange Überschrift, die umbrochen wird',
    ];
    const rows = [
      [...hostile, 'price', 'on', 'at', 'ok', 'note'],
      ['1', '2', '3', '4', '007', '1.234,50', '13/01/2024', '2024-01-01T00:00:00Z', 'ja', ''],
      ['1', '2', '3', '4', '008', '7,50', '01/02/2024', '2024-01-02T00:00:00Z', 'nein', 'x'],
    ];
    const name = "the `${sample}`'s\u2028.csv";
    generator.write(
      name,
      Buffer.from(stringify(rows, { delimiter: ';' }).replace('Ü', '\xDC').replace('\u2028', ' '), 'latin1'),
    );
    generator.write('plain.csv', stringify(rows.map((row) => row.slice(0, 4))));
    const { code, stdout, stderr } = await run(name, '--name', 'class', '--out', 'class.ts');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'class.ts: 10 columns, guessed from 2 rows. A comment says what each guess is based on.',
      expect.stringMatching(/^Warning: The sample is not UTF-8. It may be windows-1252;/),
      expect.stringMatching(/^Warning: The key, .*, is unique in the 2 rows; with so few rows/),
      '',
      'What is left to do:',
      '  1. list classDataset in datasets/index.ts',
      '  2. add "class" with a prefix to the datasets of your environment, and to those of environments/local.ts',
      "  3. run npx csv-pipeline check 'the `${sample}`'\\''s\\u2028.csv' --dataset class",
      '',
    ]);
    expect(await run('plain.csv', '--out', 'plain.ts')).toMatchObject({ code: 0 });

    writeFileSync(
      join(generator.folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', include: ['class.ts', 'plain.ts'] }),
    );
    const tool = (path: string, args: readonly string[], input = '') =>
      spawnSync(process.execPath, [join(root, 'node_modules', path), ...args], {
        cwd: root,
        encoding: 'utf8',
        input,
      });
    const compiled = tool('typescript/bin/tsc', ['-p', generator.folder]);
    expect(compiled).toMatchObject({ stdout: '', status: 0 });
    for (const file of ['class.ts', 'plain.ts']) {
      const source = readFileSync(join(generator.folder, file), 'utf8');
      const args = ['check', '--write', '--error-on-warnings', `--stdin-file-path=datasets/${file}`];
      expect(tool('@biomejs/biome/bin/biome', args, source)).toMatchObject({ stdout: source, status: 0 });
    }
  });

  onlyInFull(() => {
    test('with --add, what it prints next works at once, and nothing is changed if it cannot be added', async () => {
      // A copy of the project, because other tests read the datasets at the same time.
      const copy = join(generator.folder, 'copy');
      const folders = [
        'asl',
        'aws',
        'cli',
        'datasets',
        'deploy',
        'environments',
        'functions',
        'local',
        'report',
        'tools',
      ];
      for (const each of [...folders, 'biome.json', 'package.json', '.gitignore']) {
        cpSync(join(root, each), join(copy, each), { recursive: true });
      }
      symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
      const source = (file: string) => readFileSync(join(copy, file), 'utf8');
      const before = [source('datasets/index.ts'), source('environments/local.ts')];
      generator.write('my list.csv', 'id,name\na1,Ann\na2,Ben\n');

      const [taken, wrong] = await Promise.all([
        runIn(copy, 'new-dataset', 'my list.csv', '--add', '--prefix', 'orders/'),
        runIn(copy, 'new-dataset', 'my list.csv', '--add', '--prefix', '/lists'),
      ]);
      expect(taken).toMatchObject({ code: 2, stdout: '' });
      expect(taken.stderr).toContain('The prefix "orders/" already belongs to the dataset "orders"');
      expect(wrong).toMatchObject({ code: 2, stdout: '' });
      expect(wrong.stderr).toContain('The prefix must be empty, or end with a /');
      expect(existsSync(join(copy, 'datasets/my-list.ts'))).toBe(false);
      expect([source('datasets/index.ts'), source('environments/local.ts')]).toEqual(before);

      const { code, stdout } = await runIn(copy, 'new-dataset', 'my list.csv', '--prefix', 'lists/');
      expect(code).toBe(0);
      expect(stdout).toMatch(/\n {2}npx csv-pipeline run 'my list\.csv' --dataset my-list\n$/);
      expect(source('datasets/index.ts')).toContain("import { myList } from './my-list.ts';\n");
      expect(source('environments/local.ts')).toContain("    'my-list': 'lists/',\n");
      // The edited files are as the formatter would have them.
      const biome = [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '--error-on-warnings'];
      const files = ['datasets/index.ts', 'datasets/my-list.ts', 'environments/local.ts'];
      for (const file of files) {
        const { stdout: written } = spawnSync(
          process.execPath,
          [...biome, '--write', `--stdin-file-path=${file}`],
          { cwd: root, encoding: 'utf8', input: source(file) },
        );
        expect(written).toBe(source(file));
      }
      writeFileSync(join(copy, 'datasets/forgotten.ts'), '');
      const [checked, again, forgotten] = await Promise.all([
        // The run that it prints, without the stack.
        runIn(copy, 'run', 'my list.csv', '--dataset', 'my-list', '--check'),
        runIn(copy, 'new-dataset', 'my list.csv', '--add'),
        runIn(copy, 'check', 'my list.csv', '--dataset', 'forgotten'),
      ]);
      expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('2 of 2 rows') });
      expect(again).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('The dataset "my-list" already exists'),
      });
      // A file that is not listed is named where its dataset is asked for.
      expect(forgotten).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('datasets/index.ts does not list datasets/forgotten.ts'),
      });
    });
  });

  test('overwrites nothing', async () => {
    generator.write('twice.csv', 'id\n1\n');
    generator.write('twice.ts', 'kept');
    const { code, stdout, stderr } = await run('twice.csv', '--out', 'twice.ts');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('twice.ts already exists, and is not overwritten');
    expect(readFileSync(join(generator.folder, 'twice.ts'), 'utf8')).toBe('kept');
    symlinkSync('nowhere', join(generator.folder, 'link.ts'));
    const linked = await run('twice.csv', '--out', 'link.ts');
    expect(linked).toMatchObject({ code: 2, stderr: expect.stringContaining('link.ts already exists') });
    // Without --out, the file goes to datasets/, where index.ts exists; the sample is not even opened.
    const other = await run('none.csv', '--name', 'index');
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('datasets/index.ts already exists'),
    });
  });

  test('prints the warnings', async () => {
    generator.write('doubtful.csv', 'a,b\n1,2\n1,2\n1\n');
    const { code, stdout } = await run('doubtful.csv', '--out', 'doubtful.ts');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\nWarning: 1 row with invalid CSV or another number of fields.*\nWarning: The key is NOT unique/,
    );
  });

  test.each([
    ['a file that does not exist', ['none.csv'], undefined, 'none.csv does not exist'],
    ['a folder', ['.', '--name', 'x'], undefined, '. is not a file'],
    ['no file', [], undefined, "missing required argument 'file'"],
    ['an unknown option', ['bad.csv', '--nme'], '', "unknown option '--nme'"],
    ['an empty file', ['bad.csv'], '', 'bad.csv is empty'],
    [
      'rows with another number of fields',
      ['bad.csv'],
      'a,b\n1,2,3\n4,5,6\n',
      'None of the 2 rows of bad.csv is valid CSV',
    ],
    ['an invalid header', ['bad.csv'], 'a,"b\n1,2\n', 'The header of bad.csv'],
    [
      'a damaged compressed file',
      ['bad.csv'],
      gzipSync('a,b\n1,2\n').subarray(0, 15),
      'bad.csv cannot be decompressed',
    ],
    [
      'an invalid name',
      ['bad.csv', '--name', 'Bad_Name'],
      'a\n1\n',
      'name must be 1 to 32 characters of a-z, 0-9 and -',
    ],
    [
      'a name that is taken',
      ['bad.csv', '--name', 'results'],
      'a\n1\n',
      'The dataset "results" already exists',
    ],
    ['a file without letters', ['1.csv'], undefined, 'Cannot make a dataset name from 1.csv'],
  ])('%s ends with 2', async (_what, args, content, message) => {
    if (content !== undefined) generator.write('bad.csv', content);
    const { code, stdout, stderr } = await run(...args, '--out', 'bad.ts');
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(existsSync(join(generator.folder, 'bad.ts'))).toBe(false);
  });
});
