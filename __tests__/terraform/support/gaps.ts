/**
 * Features that the provider needs and moto 5.2.1 lacks. docs/emulator.md lists them all; a gap can be removed once
 * moto supports the feature.
 */

import type { IncomingHttpHeaders } from 'node:http';
import validate from 'asl-validator';
import { z } from 'zod';

/** A complete request to AWS. */
export interface AwsRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface AwsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Gap {
  /** As in docs/emulator.md. */
  readonly name: string;
  /** Answers instead of moto, or not at all. */
  readonly answer?: (request: AwsRequest) => AwsAnswer | undefined;
  /** Adds to moto's response. */
  readonly complete?: (request: AwsRequest, answer: AwsAnswer) => AwsAnswer;
}

/** Creates all gaps, each with its own state. */
export function gaps(): readonly Gap[] {
  return [validateDefinition, listVersions, bucketNotification(), bucketPolicy(), functionCode()];
}

const validateDefinition: Gap = {
  name: 'ValidateStateMachineDefinition',
  answer: (request) => {
    if (target(request) !== 'AWSStepFunctions.ValidateStateMachineDefinition') return undefined;
    const { definition } = z.object({ definition: z.string() }).parse(JSON.parse(request.body.toString()));
    return json(problemsOf(definition));
  },
};

/** In the format of the service's response. */
function problemsOf(definition: string) {
  let messages: string[];
  try {
    const { isValid, errors } = validate(JSON.parse(definition), { checkArn: true, checkPaths: true });
    messages = isValid ? [] : errors.map((error) => error.Message);
  } catch (error) {
    messages = [`The definition is not JSON: ${error}`];
  }
  return {
    result: messages.length === 0 ? 'OK' : 'FAIL',
    diagnostics: messages.map((message) => ({
      severity: 'ERROR',
      code: 'SCHEMA_VALIDATION_FAILED',
      message,
    })),
    truncated: false,
  };
}

const listVersions: Gap = {
  name: 'ListStateMachineVersions',
  answer: (request) =>
    target(request) === 'AWSStepFunctions.ListStateMachineVersions'
      ? json({ stateMachineVersions: [] })
      : undefined,
};

/** moto accepts the setting but does not return it, so it is kept here. */
function bucketNotification(): Gap {
  const emitting = new Set<string>();
  return {
    name: "A bucket's EventBridge notification",
    answer: ({ method, url, body }) => {
      const [, bucket = '', key = ''] = url.pathname.split('/');
      if (method === 'DELETE' && key === '' && url.search === '') emitting.delete(bucket);
      if (!url.searchParams.has('notification')) return undefined;
      if (method === 'PUT') {
        if (body.includes('EventBridgeConfiguration')) emitting.add(bucket);
        else emitting.delete(bucket);
      }
      // The stack sets nothing else in this request.
      const setting = emitting.has(bucket) ? EMITS : '';
      return xml(200, `<NotificationConfiguration xmlns="${XMLNS}">${setting}</NotificationConfiguration>`);
    },
  };
}

const XMLNS = 'http://s3.amazonaws.com/doc/2006-03-01/';
const EMITS = '<EventBridgeConfiguration></EventBridgeConfiguration>';

/**
 * moto enforces a bucket's policy without its conditions, so that a policy which requires TLS would deny everything. It
 * is kept here and never takes effect.
 */
function bucketPolicy(): Gap {
  const policies = new Map<string, Buffer>();
  return {
    name: "A bucket's policy with a condition",
    answer: ({ method, url, body }) => {
      const [, bucket = '', key = ''] = url.pathname.split('/');
      if (method === 'DELETE' && key === '' && url.search === '') policies.delete(bucket);
      if (!url.searchParams.has('policy')) return undefined;
      if (method === 'PUT') policies.set(bucket, body);
      if (method === 'DELETE') policies.delete(bucket);
      if (method !== 'GET') return { status: 204, headers: {}, body: Buffer.alloc(0) };
      const policy = policies.get(bucket);
      return policy === undefined
        ? xml(404, '<Error><Code>NoSuchBucketPolicy</Code><Message>There is no policy.</Message></Error>')
        : { status: 200, headers: { 'content-type': 'application/json' }, body: policy };
    },
  };
}

const upload = z.object({ ZipFile: z.string() });
const creation = z.object({ FunctionName: z.string(), Code: upload });
const published = z.object({ Version: z.string() });
const functions = /^\/2015-03-31\/functions\/([^/]+)/;

/** moto stores the zips of a function and its versions, but does not return their locations. */
function functionCode(): Gap {
  /** By the function's name, and by its name and version. */
  const zips = new Map<string, Buffer>();
  const publish = (name: string, answer: AwsAnswer) => {
    const zip = zips.get(name);
    const { Version } = published.parse(JSON.parse(answer.body.toString()));
    if (zip !== undefined) zips.set(`${name}:${Version}`, zip);
  };
  return {
    name: "Where a function's zip is (Code.Location of GetFunction)",
    answer: ({ method, url }) => {
      const zip = zips.get(/^\/function-code\/(.+)$/.exec(url.pathname)?.[1] ?? '');
      return method === 'GET' && zip !== undefined
        ? { status: 200, headers: { 'content-type': 'application/zip' }, body: zip }
        : undefined;
    },
    complete: (request, answer) => {
      const { method, url, headers, body } = request;
      if (answer.status >= 300) return answer;
      if (method === 'POST' && /^\/2015-03-31\/functions\/?$/.test(url.pathname)) {
        const { FunctionName, Code } = creation.parse(JSON.parse(body.toString()));
        zips.set(FunctionName, Buffer.from(Code.ZipFile, 'base64'));
        publish(FunctionName, answer);
      }
      const name = functions.exec(url.pathname)?.[1] ?? '';
      if (method === 'PUT' && url.pathname.endsWith('/code')) {
        zips.set(name, Buffer.from(upload.parse(JSON.parse(body.toString())).ZipFile, 'base64'));
      }
      if (method === 'POST' && url.pathname.endsWith('/versions')) publish(name, answer);
      const version = url.searchParams.get('Qualifier');
      const code = version === null ? name : `${name}:${version}`;
      if (method !== 'GET' || !url.pathname.endsWith(name) || !zips.has(code)) return answer;
      const description = z
        .looseObject({ Code: z.looseObject({}).default({}) })
        .parse(JSON.parse(answer.body.toString()));
      return withBody(
        answer,
        JSON.stringify({
          ...description,
          Code: {
            ...description.Code,
            RepositoryType: 'S3',
            Location: `http://${headers.host}/function-code/${code}`,
          },
        }),
      );
    },
  };
}

const target = ({ headers }: AwsRequest) => headers['x-amz-target'];

function json(value: unknown): AwsAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(value)),
  };
}

function xml(status: number, text: string): AwsAnswer {
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) };
}

function withBody(answer: AwsAnswer, text: string): AwsAnswer {
  return { ...answer, body: Buffer.from(text) };
}
