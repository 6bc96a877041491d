/** SDK clients, and what their errors mean to the pipeline. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isServerError, isThrottlingError, isTransientError } from '@smithy/service-error-classification';
import { ServiceUnavailableError } from '../errors.ts';
import { Connections } from '../table/connections.ts';

/** Milliseconds to connect, and of silence on an open connection, after which a call counts as failed. */
const requestHandler = { connectionTimeout: 5_000, socketTimeout: 30_000 };

export function s3Client(): S3Client {
  // Another endpoint than AWS's seldom has a host name for each bucket.
  return new S3Client({ requestHandler, forcePathStyle: process.env.AWS_ENDPOINT_URL_S3 !== undefined });
}

/**
 * For the table writer.
 * @param connections requests that are under way at once.
 */
export function documentClient(connections: number): DynamoDBDocumentClient {
  // Retries are the table writer's own, which knows the deadline and what was written.
  const requestHandler = new Connections(connections);
  return DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler, maxAttempts: 1 }));
}

/** For the ledger, whose few requests the SDK itself repeats. */
export function ledgerClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler, maxAttempts: 5 }));
}

/** Errors of Node's sockets that the SDK passes on as they are. */
const NETWORK_ERRORS = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Whether the same call may succeed later: throttling, a fault on AWS's side, or of the network. */
export function isTransient(error: unknown): boolean {
  if (!isSdkError(error)) return false;
  if (isThrottlingError(error) || isTransientError(error) || isServerError(error)) return true;
  return ('code' in error && NETWORK_ERRORS.has(String(error.code))) || error.name === 'TimeoutError';
}

/** The SDK's own classification takes any error. */
function isSdkError(error: unknown): error is Parameters<typeof isTransientError>[0] {
  return error instanceof Error;
}

/** The HTTP status of an error that an AWS service answered with. */
export function httpStatus(error: unknown): number | undefined {
  return isSdkError(error) ? error.$metadata?.httpStatusCode : undefined;
}

/** Makes a transient error the one that the state machine retries, and leaves any other as it is. */
export function classified(error: unknown, doing: string): unknown {
  if (!isTransient(error)) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ServiceUnavailableError(`${doing} failed and may succeed later: ${message}`, { cause: error });
}
