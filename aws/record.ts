/** Makes the record of an execution on AWS. */

import { basename, join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { environment, environmentNames } from '../environments/index.ts';
import { runRecord } from '../report/record/assemble.ts';
import { errorRecord } from '../report/record/bounded.ts';
import { rejectedRecords } from '../report/record/rejected-file.ts';
import { MAX_REJECTED_ROWS, type Rejected, type RunRecord } from '../report/record/run-record.ts';
import { download, findReport } from '../report/rejected-rows.ts';
import type { AwsExecution } from './execution.ts';

/** Memory of a function if the environment is not known: the default of the environments' schema. */
const DEFAULT_MEMORY_MB = 512;

/** The execution as far as it has been read. */
export function awsRecord(
  execution: AwsExecution,
  state: DescribeExecutionCommandOutput,
  rejected: Pick<Rejected, 'rows' | 'note'>,
): RunRecord {
  const { name = '', status = 'RUNNING', startDate, stopDate, input, output, error, cause } = state;
  return runRecord(
    execution.graph,
    execution.recorder,
    {
      name,
      place: 'aws',
      status: status === 'PENDING_REDRIVE' ? 'RUNNING' : status,
      ...(error !== undefined && { error: errorRecord(error, cause ?? '') }),
      since: startDate?.getTime() ?? 0,
      until: stopDate?.getTime() ?? null,
      input,
      output,
      rejected,
    },
    memoryMb(machineOf(execution.arn).name),
  );
}

/**
 * Fetches the rejected rows of an execution from the stack's reports bucket, whose name follows from the state machine's.
 * If that fails, the note says why.
 */
export async function fetchRejected(
  s3: S3Client,
  { recorder, arn }: AwsExecution,
  folder: string,
): Promise<Pick<Rejected, 'rows' | 'note'>> {
  const key = recorder.file?.source.key;
  if (key === undefined) return { rows: [] };
  const { name, account } = machineOf(arn);
  const bucket = `${name}-reports-${account}`;
  try {
    const found = await findReport({ s3, embeddedS3: false }, bucket, key, arn.split(':').at(-1) ?? '');
    const report = found.find((each) => basename(each) === 'rejected.csv');
    if (report === undefined) return { rows: [] };
    const file = join(folder, 'rejected.csv');
    await download(s3, bucket, report, file);
    return { rows: await rejectedRecords(file, MAX_REJECTED_ROWS) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { rows: [], note: `Could not read the rejected rows from the bucket ${bucket}: ${reason}` };
  }
}

/** Name and account of an execution's state machine; source: "ARNs" in the Step Functions API reference. */
function machineOf(executionArn: string): { readonly name: string; readonly account: string } {
  const [, , , , account = '', , name = ''] = executionArn.split(':');
  return { name, account };
}

function memoryMb(machine: string): number {
  const name = environmentNames.find((each) => machine === `csv-pipeline-${each}`);
  return name === undefined ? DEFAULT_MEMORY_MB : environment(name).functionMemoryMb;
}
