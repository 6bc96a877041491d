/** Follows an execution on AWS. */

import { printResult } from '../report/terminal/print.ts';
import { DONE, type ExitCode, FAILED } from './exit-codes.ts';

/**
 * Shows the progress of an execution until it ends, and then how it ended.
 * @param interval seconds between two requests.
 * @throws AwsRequestError when the execution cannot be read.
 */
export async function follow(execution: string, interval: number): Promise<ExitCode> {
  const [{ watchExecution }, { RunProgress }] = await Promise.all([
    import('../aws/watch.ts'),
    import('../report/terminal/progress.ts'),
  ]);
  const progress = new RunProgress(process.stderr);
  const { status, name, error, cause } = await watchExecution(execution, {
    interval,
    onStart: (recorder) => progress.follow(recorder),
  }).finally(() => progress.stop());
  printResult({ status, name, error, cause }, (ended) => {
    const failure = ended.error === undefined ? '' : `${ended.error}: ${ended.cause ?? ''}\n`;
    return `${ended.status}  ${ended.name}\n${failure}`;
  });
  return status === 'SUCCEEDED' ? DONE : FAILED;
}
