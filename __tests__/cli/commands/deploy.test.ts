/**
 * `csv-pipeline plan`, `deploy` and `destroy` as separate processes, started in a folder that is not the project's, with a
 * plan that destroys data. A script replaces Terraform: it plans what a fixture contains, and logs its calls.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { copyProgram } from '../../support/stack/program.ts';

const TERRAFORM = `#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
  plan*) : >plan.tfplan ;;
  'show -json'*) cat "$PLAN" ;;
  show*) echo 'The plan, as Terraform shows it.' ;;
esac
`;

const SHOWN = 'The plan, as Terraform shows it.\n';

const LOSSES = [
  'The plan destroys data:',
  '  aws_dynamodb_table.airports_table (csv-pipeline-dev-airports) is destroyed',
  '  aws_dynamodb_table.results_table (csv-pipeline-dev-results) is replaced',
  '  aws_s3_bucket.source_bucket (csv-pipeline-dev-source-111122223333) is replaced',
  '',
].join('\n');

let folder: string;
let program: string;
let plan: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  program = join(folder, 'program');
  copyProgram(program, ['aws', 'bench', 'cli', 'deploy', 'local', 'report', 'tools']);
  plan = join(program, 'cdktf.out/stacks/csv-pipeline-dev/plan.tfplan');
  writeFileSync(join(folder, 'terraform'), TERRAFORM, { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a command for the environment `dev`, and answers its question with "yes". */
function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(program, 'cli/index.ts'), command, '--env', 'dev', ...args],
    {
      cwd: folder,
      encoding: 'utf8',
      input: 'yes\n',
      env: {
        ...process.env,
        PATH: `${folder}${delimiter}${process.env.PATH}`,
        CALLS: join(folder, 'calls'),
        PLAN: join(__dirname, '../../deploy/fixtures/loses-data.json'),
      },
    },
  );
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n');
  return { status, stdout, stderr, isApplied: calls.some((call) => call.startsWith('apply')) };
}

test('plan shows the plan, refuses it, and does not keep it', () => {
  const { status, stdout, stderr } = run('plan');
  expect({ status, stdout }).toEqual({ status: 1, stdout: SHOWN });
  expect(stderr).toContain(`error: ${LOSSES}`);
  expect(existsSync(dirname(plan))).toBe(true);
  expect(existsSync(plan)).toBe(false);
});

describe('a kept plan', () => {
  beforeEach(() => {
    mkdirSync(dirname(plan), { recursive: true });
    writeFileSync(plan, '');
  });

  test('is checked again, and not applied', () => {
    const { status, stdout, stderr, isApplied } = run('deploy', '--planned');
    expect({ status, stdout, isApplied }).toEqual({ status: 1, stdout: SHOWN, isApplied: false });
    expect(stderr).toContain(`error: ${LOSSES}`);
  });

  test('is applied with --allow-data-loss, which prints what is lost', () => {
    const { status, stdout, isApplied } = run('deploy', '--planned', '--allow-data-loss');
    expect({ status, stdout, isApplied }).toEqual({ status: 0, stdout: SHOWN + LOSSES, isApplied: true });
  });
});

test('destroy prints what is lost before it asks, and needs no option', () => {
  const { status, stdout, stderr, isApplied } = run('destroy');
  expect(stderr).toContain('Type yes to apply this: ');
  expect({ status, stdout, isApplied }).toEqual({ status: 0, stdout: SHOWN + LOSSES, isApplied: true });
});
