/** Follows an execution on AWS until it ends. */

import { setTimeout } from 'node:timers/promises';
import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { RunRecorder } from '../report/record/run-recorder.ts';
import { clientFor } from './client.ts';
import { AwsExecution } from './execution.ts';

export interface WatchOptions {
  /** Seconds between two reads. */
  readonly interval: number;
  /** Called once, with the recorder that has the execution's progress. */
  readonly onStart: (recorder: RunRecorder) => void;
}

/**
 * @returns how the execution ended
 * @throws AwsRequestError when the execution cannot be read.
 */
export async function watchExecution(
  arn: string,
  { interval, onStart }: WatchOptions,
): Promise<DescribeExecutionCommandOutput> {
  const execution = await AwsExecution.open(clientFor(arn), arn);
  let state = await execution.read();
  onStart(execution.recorder);
  while (state.status === 'RUNNING') {
    await setTimeout(interval * 1_000);
    state = await execution.read();
  }
  return state;
}
