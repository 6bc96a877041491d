/** Which action of AWS, as IAM names it, a request asks for. */

import type { AwsRequest } from './gaps.ts';

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
    service === 's3' || service === 'lambda'
      ? restAction(service, request)
      : (String(target ?? '').split('.')[1] ?? queryAction(request));
  return { action: `${prefix}:${action}`, userAgent };
}

/** Where a service signs with another name than that of its actions. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

function queryAction({ body, url }: AwsRequest): string {
  return new URLSearchParams(body.toString()).get('Action') ?? url.pathname;
}

function restAction(service: 's3' | 'lambda', { method, url }: AwsRequest): string {
  return `${service} ${method} ${url.pathname}${url.search}`;
}
