/** The endpoints for S3 and DynamoDB: the embedded services, or those that the `AWS_ENDPOINT_URL_…` variables name. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { Workspace } from '../workspace.ts';

export interface Endpoints {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  /** Whether S3 is the embedded service, which has limits of its own. */
  readonly embeddedS3: boolean;
  /** The environment variables that point the AWS SDK in another process to the same services. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Starts the embedded services with their data under `directory`, and creates a client for each service. */
export async function startEndpoints(
  workspace: Workspace,
  directory: string,
  region: string,
): Promise<Endpoints> {
  const credentials = credentialVariables();
  const [s3Url, dynamodbUrl] = await Promise.all(
    (['s3', 'dynamodb'] as const).map(
      (service) =>
        process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ||
        startEmbedded(workspace, service, join(directory, service), { ...credentials, AWS_REGION: region }),
    ),
  );
  if (s3Url === undefined || dynamodbUrl === undefined) throw new Error('An endpoint has no URL.');
  const configuration = {
    region,
    credentials: {
      accessKeyId: credentials.AWS_ACCESS_KEY_ID,
      secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY,
      ...(credentials.AWS_SESSION_TOKEN && { sessionToken: credentials.AWS_SESSION_TOKEN }),
    },
  };
  return {
    // With a trailing checksum, the SDK frames the body in chunks, and the embedded S3 would store the framing.
    s3: new S3Client({
      ...configuration,
      endpoint: s3Url,
      forcePathStyle: true,
      // If the server closed an idle connection, an upload on it would fail, and its stream cannot be sent again.
      requestHandler: { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    dynamodb: new DynamoDBClient({ ...configuration, endpoint: dynamodbUrl }),
    embeddedS3: !process.env.AWS_ENDPOINT_URL_S3,
    variables: {
      ...credentials,
      AWS_ENDPOINT_URL_S3: s3Url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodbUrl,
      AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_REQUIRED',
      AWS_RESPONSE_CHECKSUM_VALIDATION: 'WHEN_REQUIRED',
    },
  };
}

/** The credentials of the embedded services, or those of the environment if it also names an endpoint. */
function credentialVariables() {
  const {
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_SESSION_TOKEN,
    AWS_ENDPOINT_URL_S3,
    AWS_ENDPOINT_URL_DYNAMODB,
  } = process.env;
  if ((AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL_DYNAMODB) && AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY) {
    return { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...(AWS_SESSION_TOKEN && { AWS_SESSION_TOKEN }) };
  }
  return { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
}

/** Starts an embedded service and returns its URL. */
async function startEmbedded(
  workspace: Workspace,
  service: 's3' | 'dynamodb',
  directory: string,
  env: Record<string, string>,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const port = await workspace.start('local/emulator/endpoint-process.ts', [service, directory], env);
  return `http://127.0.0.1:${port}`;
}
