/** What the command `uploads` does: shows the uploads of an environment, or loads those that are not loaded. */

import type { Environment } from '../../environments/schema.ts';
import { ListPrinter } from '../../report/terminal/list-printer.ts';
import { compareUploads, type Upload } from './compare.ts';
import { UploadCounter } from './count.ts';
import { countTable, endLine, outcomeLine, startLine, UPLOAD_HEAD, uploadLine } from './print.ts';
import { uploadResources } from './resources.ts';
import { type StartedUpload, startUploads } from './start.ts';
import type { UploadStatus } from './status.ts';

interface Chosen {
  readonly prefix: string;
  readonly statuses: readonly UploadStatus[];
  readonly json: boolean;
}

/** Milliseconds between two looks at a running execution, at least. */
const MIN_INTERVAL = 2_000;

/**
 * Looks at running executions, in a second. Step Functions allows at least ten calls of DescribeExecution a second, of
 * which others need some; source: "Quotas", Step Functions developer guide.
 */
const MAX_LOOKS_PER_SECOND = 5;

/**
 * Prints the uploads that have one of the statuses, and counts all.
 * @throws AwsRequestError when a request to AWS fails.
 */
export async function showUploads(
  environment: Environment,
  { prefix, statuses, json }: Chosen,
): Promise<void> {
  const printer = new ListPrinter('uploads', json);
  const counter = new UploadCounter();
  await printer.start(UPLOAD_HEAD);
  for await (const upload of compareUploads(uploadResources(environment), prefix)) {
    counter.add(upload);
    if (statuses.includes(upload.status)) await printer.item(upload, uploadLine);
  }
  await printer.end({ summary: counter.counts }, countTable(counter.counts));
}

/**
 * Starts an execution for each upload that has one of the statuses, and prints how each ends.
 * @param concurrency executions at a time
 * @returns whether none of them failed
 * @throws AwsRequestError when a request to AWS fails.
 */
export async function loadUploads(
  environment: Environment,
  { prefix, statuses, json, concurrency }: Chosen & { readonly concurrency: number },
): Promise<boolean> {
  const resources = uploadResources(environment);
  const printer = new ListPrinter('started', json);
  const outcomes = new Map<StartedUpload['outcome'], number>();
  await printer.start();
  await startUploads(resources.sfn, withStatus(compareUploads(resources, prefix), statuses), {
    ...resources,
    concurrency,
    interval: Math.max(MIN_INTERVAL, (concurrency / MAX_LOOKS_PER_SECOND) * 1_000),
    onStart: ({ key }, execution) => printer.note({ key, execution }, startLine),
    onEnd: (started) => {
      outcomes.set(started.outcome, (outcomes.get(started.outcome) ?? 0) + 1);
      return printer.item(started, endLine);
    },
  });
  await printer.end({ outcomes: Object.fromEntries(outcomes) }, outcomeLine(outcomes));
  return !outcomes.has('failed') && !outcomes.has('rejected');
}

async function* withStatus(
  uploads: AsyncIterable<Upload>,
  statuses: readonly UploadStatus[],
): AsyncGenerator<Upload, void> {
  for await (const upload of uploads) if (statuses.includes(upload.status)) yield upload;
}
