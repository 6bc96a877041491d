/** Writes the report of an execution on AWS, like that of a local run. */

import { join } from 'node:path';
import { s3Client } from '../functions/core/storage/aws.ts';
import { writePage } from '../report/page.ts';
import { clientFor, regionOf } from './client.ts';
import { AwsExecution } from './execution.ts';
import { awsRecord, fetchRejected } from './record.ts';

export interface AwsReport {
  readonly name: string;
  /** The execution's status in Step Functions. */
  readonly status: string;
  /** Path of the page that shows the execution. */
  readonly page: string;
}

/**
 * Writes the report of an execution into `reports/`, in a folder with the execution's name.
 * @throws AwsRequestError when the execution cannot be read.
 */
export async function writeReport(arn: string): Promise<AwsReport> {
  const execution = await AwsExecution.open(clientFor(arn), arn);
  const state = await execution.read();
  const folder = join('reports', arn.split(':').at(-1) ?? '');
  process.env.AWS_REGION ??= regionOf(arn);
  const rejected = await fetchRejected(s3Client(), execution, folder);
  const page = join(folder, 'report.html');
  await writePage(awsRecord(execution, state, rejected), page);
  return { name: state.name ?? '', status: state.status ?? '', page };
}
