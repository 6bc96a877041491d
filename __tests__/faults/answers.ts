/** Responses of S3 and DynamoDB, and how faults change them. */

import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

export type Service = 's3' | 'dynamodb';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export function head(response: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _, connection: __, ...kept } = headers;
  // The response to a HEAD request has the content length of a body that it does not contain.
  response.writeHead(status, { ...kept, 'content-length': kept['content-length'] ?? body.length });
  response.flushHeaders();
}

export function send(response: ServerResponse, answer: Answer): void {
  head(response, answer);
  response.end(answer.body);
}

export function json(status: number, value: unknown): Answer {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
}

/** A server error in the service's format. */
export function failure(service: Service, status: 500 | 503): Answer {
  const isInternal = status === 500;
  if (service === 'dynamodb') {
    const name = isInternal ? 'InternalServerError' : 'ServiceUnavailable';
    return json(status, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'Try again.' });
  }
  const code = isInternal ? 'InternalError' : 'SlowDown';
  const body = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>Try again.</Message></Error>`,
  );
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

export function throttled(where: number): Answer {
  const names = [
    'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    'com.amazonaws.dynamodb.v20120810#RequestLimitExceeded',
    'com.amazon.coral.availability#ThrottlingException',
  ];
  return json(400, { __type: names[Math.floor(where * names.length)], message: 'Too many requests.' });
}

/** The beginning of a response, as if it were complete. */
export function truncated({ status, headers, body }: Answer, where: number): Answer {
  const kept = body.subarray(0, Math.floor(where * body.length));
  return { status, headers: { ...headers, 'content-length': String(kept.length) }, body: kept };
}

/** A response with the content of another version of the object. */
export function ofAnotherVersion({ status, headers, body }: Answer): Answer {
  const etag = `"${'0'.repeat(32)}"`;
  const changed = body.toString('latin1').replace(/\d/g, (digit) => String((Number(digit) + 1) % 10));
  return { status, headers: { ...headers, etag }, body: Buffer.from(changed, 'latin1') };
}
