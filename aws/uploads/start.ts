/** Starts executions for uploads, a few at a time, and waits until they end. */

import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import type { Upload } from './compare.ts';
import { isRefusal } from './status.ts';

/** How an execution ended that was started for an upload. */
export interface StartedUpload {
  readonly key: string;
  readonly dataset: string;
  /** ARN of the execution. */
  readonly execution: string;
  /** `already-loaded` and `superseded` if another execution was quicker, or claimed a newer upload meanwhile. */
  readonly outcome: 'loaded' | 'already-loaded' | 'superseded' | 'rejected' | 'failed';
  /** Name and message of the error, if there is one. */
  readonly error: string | null;
  readonly cause: string | null;
}

export interface StartSettings {
  readonly stateMachineArn: string;
  readonly sourceBucket: string;
  /** Executions at a time. */
  readonly concurrency: number;
  /** Milliseconds between two looks at an execution. */
  readonly interval: number;
  readonly onStart: (upload: Upload, execution: string) => Promise<void>;
  readonly onEnd: (started: StartedUpload) => Promise<void>;
}

const successful = z.object({
  outcome: z.enum(['loaded', 'already-loaded', 'superseded']).default('superseded'),
});

/**
 * Starts an execution for each upload. After an error, it starts no more, and throws once those that it has started have
 * ended; they run on AWS, whatever happens to this process.
 */
export async function startUploads(
  sfn: SFNClient,
  uploads: AsyncGenerator<Upload, void>,
  settings: StartSettings,
): Promise<void> {
  // An error in the loop's body ends the generator, and so the other loops.
  const startSome = async () => {
    for await (const upload of uploads) await settings.onEnd(await startAndWait(sfn, upload, settings));
  };
  const ended = await Promise.allSettled(Array.from({ length: settings.concurrency }, startSome));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
}

async function startAndWait(
  sfn: SFNClient,
  upload: Upload,
  { stateMachineArn, sourceBucket, interval, onStart }: StartSettings,
): Promise<StartedUpload> {
  const { key, dataset } = upload;
  // Without a version, so that it is always the newest one, even if there is another by now.
  const input = JSON.stringify({ bucket: sourceBucket, key });
  const { executionArn: execution = '' } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, input }),
  );
  await onStart(upload, execution);
  for (;;) {
    const { status, output, error, cause } = await sfn.send(
      new DescribeExecutionCommand({ executionArn: execution }),
    );
    if (status !== 'RUNNING') {
      const name = status === 'SUCCEEDED' ? null : (error ?? status ?? '');
      return { key, dataset, execution, outcome: outcomeOf(output, name), error: name, cause: cause ?? null };
    }
    await sleep(interval);
  }
}

/** @param error of the execution; null if it succeeded */
function outcomeOf(output: string | undefined, error: string | null): StartedUpload['outcome'] {
  if (error !== null) return isRefusal(error) ? 'rejected' : 'failed';
  // The output of an execution that was superseded later than in its first state has no outcome.
  return successful.parse(JSON.parse(output ?? '{}')).outcome;
}
