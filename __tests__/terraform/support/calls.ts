/** Determines the IAM action of a request to AWS. */

import { z } from 'zod';
import type { AwsRequest } from './gaps.ts';

/** Path at which the proxy lists its calls. */
export const CALLS_PATH = '/-/calls';

export interface Call {
  /** As in a policy, such as `s3:CreateBucket`. */
  readonly action: string;
  /** User agent of the caller. */
  readonly userAgent: string;
}

/** The call of a request; undefined if it is not an API call, such as a download. */
export function callOf(request: AwsRequest): Call | undefined {
  const { authorization = '', 'x-amz-target': target, 'user-agent': userAgent = '' } = request.headers;
  const service = /Credential=[^/]+\/\d+\/[^/]+\/(\w+)\/aws4_request/.exec(authorization)?.[1];
  if (service === undefined) return undefined;
  const prefix = PREFIXES[service] ?? service;
  const action =
    service === 's3'
      ? s3Action(request)
      : service === 'lambda'
        ? lambdaAction(request)
        : (String(target ?? '').split('.')[1] ?? queryAction(request));
  return { action: `${prefix}:${action}`, userAgent };
}

/** Action prefixes of services that sign requests with a different name. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

function queryAction({ body, url }: AwsRequest): string {
  return new URLSearchParams(body.toString()).get('Action') ?? url.pathname;
}

/** S3's actions on a bucket, by query parameter. */
const SUBRESOURCES: Readonly<Record<string, string>> = {
  accelerate: 'AccelerateConfiguration',
  acl: 'BucketAcl',
  cors: 'BucketCORS',
  encryption: 'EncryptionConfiguration',
  lifecycle: 'LifecycleConfiguration',
  logging: 'BucketLogging',
  notification: 'BucketNotification',
  'object-lock': 'BucketObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  publicAccessBlock: 'BucketPublicAccessBlock',
  replication: 'ReplicationConfiguration',
  requestPayment: 'BucketRequestPayment',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};

function s3Action({ method, url }: AwsRequest): string {
  const [, , key = ''] = url.pathname.split('/');
  if (method === 'POST' && url.searchParams.has('delete')) return 'DeleteObject';
  if (key !== '') return `${{ PUT: 'Put', DELETE: 'Delete' }[method] ?? 'Get'}Object`;
  const subresource = [...url.searchParams.keys()].find((name) => name in SUBRESOURCES);
  const on = subresource === undefined ? undefined : SUBRESOURCES[subresource];
  if (on !== undefined) {
    // Removing a setting requires the action that sets it, except for a policy.
    const removes = method === 'DELETE' && on === 'BucketPolicy';
    return `${removes ? 'Delete' : method === 'GET' ? 'Get' : 'Put'}${on}`;
  }
  if (url.searchParams.has('versions')) return 'ListBucketVersions';
  return { PUT: 'CreateBucket', DELETE: 'DeleteBucket' }[method] ?? 'ListBucket';
}

/** Lambda's actions, by method and by the path after the function's name. */
const LAMBDA_ACTIONS: Readonly<Record<string, string>> = {
  'POST ': 'CreateFunction',
  'GET ': 'GetFunction',
  'DELETE ': 'DeleteFunction',
  'GET configuration': 'GetFunctionConfiguration',
  'GET versions': 'ListVersionsByFunction',
  'POST versions': 'PublishVersion',
  'GET code-signing-config': 'GetFunctionCodeSigningConfig',
  'PUT code': 'UpdateFunctionCode',
  'PUT configuration': 'UpdateFunctionConfiguration',
};

function lambdaAction({ method, url }: AwsRequest): string {
  const [, , , , rest = ''] = url.pathname.split('/');
  return LAMBDA_ACTIONS[`${method} ${rest}`] ?? `${method} ${url.pathname}`;
}

/** Terraform's calls to the emulator so far, in order, without the calls of the tests themselves. */
export async function terraformCalls(): Promise<readonly string[]> {
  const answer = await fetch(`${process.env.AWS_ENDPOINT_URL}${CALLS_PATH}`);
  const calls = z.array(z.object({ action: z.string(), userAgent: z.string() })).parse(await answer.json());
  return calls
    .filter(({ userAgent }) => userAgent.includes('terraform-provider-aws'))
    .map(({ action }) => action);
}
