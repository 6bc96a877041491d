/** SDK clients, and the classification of their errors. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isServerError, isThrottlingError, isTransientError } from '@smithy/service-error-classification';
import { ServiceUnavailableError } from '../errors.ts';

/** Milliseconds after which connecting fails, and after which a connection without traffic does. */
const requestHandler = { connectionTimeout: 5_000, socketTimeout: 30_000 };

export function s3Client(): S3Client {
  // Endpoints other than AWS's seldom have a host name for each bucket.
  return new S3Client({ requestHandler, forcePathStyle: process.env.AWS_ENDPOINT_URL_S3 !== undefined });
}

/** Client for the ledger, and for what is asked of tables. The SDK retries its few requests. */
export function ledgerClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler, maxAttempts: 5 }));
}

/** Codes of Node.js socket errors, which the SDK passes through unchanged. */
const NETWORK_ERRORS = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Whether the same call may succeed later: after throttling, a server error or a network error. */
export function isTransient(error: unknown): boolean {
  if (!isSdkError(error)) return false;
  if (isThrottlingError(error) || isTransientError(error) || isServerError(error)) return true;
  return ('code' in error && NETWORK_ERRORS.has(String(error.code))) || error.name === 'TimeoutError';
}

/** The SDK's classification accepts any error. */
function isSdkError(error: unknown): error is Parameters<typeof isTransientError>[0] {
  return error instanceof Error;
}

/** The HTTP status of an error response from AWS; undefined if there was no response. */
export function httpStatus(error: unknown): number | undefined {
  return isSdkError(error) ? error.$metadata?.httpStatusCode : undefined;
}

/**
 * Wraps a transient error in the one that the state machine retries, and returns any other error unchanged.
 * @param action what failed, such as "Reading s3://bucket/key".
 */
export function classified(error: unknown, action: string): unknown {
  if (!isTransient(error)) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ServiceUnavailableError(`${action} failed with a transient error: ${message}`, { cause: error });
}
