import { SFNClient } from '@aws-sdk/client-sfn';
import { NotRunError } from '../report/terminal/errors.ts';

/** Step Functions could not be asked, or refused to answer; the message has the SDK's own. */
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
        throw new StepFunctionsError(`A call of Step Functions failed with ${name}: ${message}`, {
          cause: error,
        });
      }
    },
    // The outermost of all, after retries and with what signs a request inside.
    { name: 'stepFunctionsErrors', step: 'initialize', priority: 'high' },
  );
  return client;
}

/** The region that an ARN names. */
export function regionOf(executionArn: string): string {
  return executionArn.split(':')[3] ?? '';
}
