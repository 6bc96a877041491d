/** Which action of AWS, as IAM names it, a request asks for. */

import { z } from 'zod';
import type { AwsRequest } from './gaps.ts';

/** Where the proxy tells its calls. */
export const CALLS_PATH = '/-/calls';

export interface Call {
  /** As a policy has it: `s3:CreateBucket`. */
  readonly action: string;
  /** Of who called. */
  readonly userAgent: string;
}

/** The call that a request makes; undefined for what is none, such as a download. */
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

/** Where a service signs with another name than that of its actions. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

function queryAction({ body, url }: AwsRequest): string {
  return new URLSearchParams(body.toString()).get('Action') ?? url.pathname;
}

/** S3's actions on a bucket, by what the request's query names. */
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
    // To remove a setting is permitted with the action that sets it, but for a policy.
    const removes = method === 'DELETE' && on === 'BucketPolicy';
    return `${removes ? 'Delete' : method === 'GET' ? 'Get' : 'Put'}${on}`;
  }
  if (url.searchParams.has('versions')) return 'ListBucketVersions';
  return { PUT: 'CreateBucket', DELETE: 'DeleteBucket' }[method] ?? 'ListBucket';
}

/** Lambda's actions, by method and by what of the path is behind the function's name. */
const LAMBDA_ACTIONS: Readonly<Record<string, string>> = {
  'POST ': 'CreateFunction',
  'GET ': 'GetFunction',
  'DELETE ': 'DeleteFunction',
  'GET configuration': 'GetFunction',
  'GET versions': 'ListVersionsByFunction',
  'GET code-signing-config': 'GetFunctionCodeSigningConfig',
  'PUT code': 'UpdateFunctionCode',
  'PUT configuration': 'UpdateFunctionConfiguration',
};

function lambdaAction({ method, url }: AwsRequest): string {
  const [, , , , behind = ''] = url.pathname.split('/');
  return LAMBDA_ACTIONS[`${method} ${behind}`] ?? `${method} ${url.pathname}`;
}

/** What Terraform has called of the emulator so far, in its order; the calls of the tests themselves are left out. */
export async function terraformCalls(): Promise<readonly string[]> {
  const answer = await fetch(`${process.env.AWS_ENDPOINT_URL}${CALLS_PATH}`);
  const calls = z.array(z.object({ action: z.string(), userAgent: z.string() })).parse(await answer.json());
  return calls
    .filter(({ userAgent }) => userAgent.includes('terraform-provider-aws'))
    .map(({ action }) => action);
}
