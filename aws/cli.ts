/** `npm run report` and `npm run watch`: an execution on AWS, shown as `npm start` shows one on this machine. */

import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { s3Client } from '../functions/core/storage/aws.ts';
import { writePage } from '../report/page.ts';
import { openFile } from '../report/terminal/open.ts';
import { RunProgress } from '../report/terminal/progress.ts';
import { AwsExecution } from './execution.ts';
import { awsRecord, fetchRejected } from './record.ts';

const [SUCCEEDED, FAILED, NOT_RUN] = [0, 1, 2];

interface Options {
  readonly execution: string;
  readonly open: boolean;
  /** Seconds. */
  readonly interval: number;
}

async function main(args: readonly string[]): Promise<number> {
  let work: Promise<number> | undefined;
  const program = new Command('npm run').exitOverride();
  const subcommand = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .exitOverride()
      .requiredOption('--execution <arn>', 'the execution, by its ARN', executionArn);
  subcommand('report', 'Writes the report of an execution on AWS.')
    .option('--open', 'opens the report in a browser', false)
    .action((options: Options) => {
      work = report(options);
    });
  subcommand('watch', 'Follows an execution on AWS until it is over.')
    .option('--interval <seconds>', 'seconds between two looks', seconds, 2)
    .action((options: Options) => {
      work = watch(options);
    });
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? SUCCEEDED : NOT_RUN;
    throw error;
  }
  try {
    return (await work) ?? NOT_RUN;
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
    return NOT_RUN;
  }
}

/** @throws InvalidArgumentError when it is none; a Map run's children have another ARN, and are part of its report. */
function executionArn(value: string): string {
  if (/^arn:[\w-]+:states:[\w-]+:\d{12}:execution:[^:/]+:[^:]+$/.test(value)) return value;
  throw new InvalidArgumentError('It has to look like arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME.');
}

function seconds(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= 3_600) return number;
  throw new InvalidArgumentError('It has to be a number of seconds.');
}

function clientFor(arn: string): SFNClient {
  // The ARN knows the region, whatever this machine's is.
  return new SFNClient({ region: arn.split(':')[3] ?? '' });
}

async function report({ execution: arn, open }: Options): Promise<number> {
  const execution = await AwsExecution.open(clientFor(arn), arn);
  const state = await execution.read();
  const folder = join('reports', arn.split(':').at(-1) ?? '');
  process.env.AWS_REGION ??= arn.split(':')[3] ?? '';
  const rejected = await fetchRejected(s3Client(), execution, folder);
  const page = join(folder, 'report.html');
  await writePage(awsRecord(execution, state, rejected), page);
  process.stdout.write(`${state.status}  ${state.name}\nThe report, to be opened in a browser: ${page}\n`);
  if (open) openFile(page);
  return SUCCEEDED;
}

async function watch({ execution: arn, interval }: Options): Promise<number> {
  const execution = await AwsExecution.open(clientFor(arn), arn);
  const progress = new RunProgress(process.stderr);
  let state = await execution.read();
  progress.follow(execution.recorder);
  try {
    while (state.status === 'RUNNING') {
      await setTimeout(interval * 1_000);
      state = await execution.read();
    }
  } finally {
    progress.stop();
  }
  const { status, name, error, cause } = state;
  process.stdout.write(`${status}  ${name}\n${error === undefined ? '' : `${error}: ${cause ?? ''}\n`}`);
  return status === 'SUCCEEDED' ? SUCCEEDED : FAILED;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
