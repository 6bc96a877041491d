import { SFNClient } from '@aws-sdk/client-sfn';
import { NotRunError } from '../report/terminal/errors.ts';

/** A request to Step Functions failed; the message includes that of the SDK. */
export class StepFunctionsError extends NotRunError {
  override readonly name = 'StepFunctionsError';
}

/** A client for the region of an execution, whatever this machine's region is. Its calls throw StepFunctionsError. */
export function clientFor(executionArn: string): SFNClient {
  const client = new SFNClient({ region: regionOf(executionArn) });
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        throw new StepFunctionsError(`The request to Step Functions failed with ${name}: ${message}`, {
          cause: error,
        });
      }
    },
    // The outermost middleware, so that it also sees the errors of signing, and those that are left after all retries.
    { name: 'stepFunctionsErrors', step: 'initialize', priority: 'high' },
  );
  return client;
}

/** The region that an ARN names. */
export function regionOf(executionArn: string): string {
  return executionArn.split(':')[3] ?? '';
}
