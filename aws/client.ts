/** SDK clients whose errors are for the person who started the program. */

import { SFNClient } from '@aws-sdk/client-sfn';
import type { MiddlewareStack } from '@smithy/types';
import type { Environment } from '../environments/schema.ts';
import { NotRunError, UsageError } from '../report/terminal/errors.ts';

/** A request to AWS failed; the message includes that of the SDK. */
export class AwsRequestError extends NotRunError {
  override readonly name = 'AwsRequestError';
}

/** A client for the region of an execution, whatever this machine's region is. Its calls throw AwsRequestError. */
export function clientFor(executionArn: string): SFNClient {
  return explaining('Step Functions', new SFNClient({ region: regionOf(executionArn) }));
}

/** The region that an ARN names. */
export function regionOf(executionArn: string): string {
  return executionArn.split(':')[3] ?? '';
}

export interface ClientConfiguration {
  readonly region: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * The configuration of SDK clients for an environment. The clients read an emulator's address from AWS_ENDPOINT_URL
 * themselves.
 * @throws UsageError when the environment is emulated and no emulator's address is set.
 */
export function clientConfiguration({ name, region, emulated }: Environment): ClientConfiguration {
  if (!emulated) return { region };
  if (!process.env.AWS_ENDPOINT_URL) {
    throw new UsageError(
      `The environment ${name} is deployed to an AWS emulator. Set AWS_ENDPOINT_URL to its address, such as http://127.0.0.1:5000.`,
    );
  }
  return { region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

/**
 * Makes the calls of a client throw AwsRequestError.
 * @param service its name for the message
 */
export function explaining<
  Client extends { readonly middlewareStack: MiddlewareStack<Input, Output> },
  Input extends object,
  Output extends object,
>(service: string, client: Client & { readonly middlewareStack: MiddlewareStack<Input, Output> }): Client {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        throw new AwsRequestError(`The request to ${service} failed with ${name}: ${message}`, {
          cause: error,
        });
      }
    },
    // The outermost middleware, so that it also sees the errors of signing, and those that are left after all retries.
    { name: 'explainErrors', step: 'initialize', priority: 'high' },
  );
  return client;
}
