/** The settings of an environment: their types, their limits, and the check before anything is synthesized. */

import { z } from 'zod';
import { FUNCTION_NAMES } from '../asl/pipeline.ts';
import { datasetNames } from '../datasets/index.ts';
import { hasUnknown } from '../functions/core/dataset/names.ts';
import { mustBe } from '../functions/core/dataset/options.ts';
import { ConfigurationError } from '../functions/core/errors.ts';
import { manifest as fetchCsv } from '../functions/fetch-csv/manifest.ts';
import { manifest as judgeCsv } from '../functions/judge-csv/manifest.ts';
import { unlistedDatasets } from './unlisted.ts';

/** An object with exactly these settings. */
function settings<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: unknownAmong('setting', Object.keys(shape)) });
}

/** Returns the message for unknown keys; {@link problemOf} has those for other problems. */
function unknownAmong(what: string, known: readonly string[]) {
  return (issue: z.core.$ZodRawIssue) =>
    issue.code === 'unrecognized_keys' ? hasUnknown(what, issue.keys, known) : undefined;
}

/** The types in Zod's issues, in words. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
};

/** What is wrong with a setting whose schema has no message for it. */
function problemOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return mustBe(TYPES[issue.expected] ?? 'an object')(issue);
    case 'invalid_value':
      return mustBe(`one of ${issue.values.join(', ')}`)(issue);
    case 'invalid_union':
      return Array.isArray(issue.options) ? `must be one of ${issue.options.join(', ')}` : undefined;
    case 'too_small':
      return mustBe(bound(issue.origin, 'at least', issue.minimum))(issue);
    case 'too_big':
      return mustBe(bound(issue.origin, 'at most', issue.maximum))(issue);
    default:
      return undefined;
  }
}

function bound(origin: string, comparison: string, limit: number | bigint): string {
  const isLength = origin === 'string' || origin === 'array';
  return isLength ? `of a length of ${comparison} ${limit}` : `${comparison} ${limit}`;
}

const accountId = z.string().regex(/^\d{12}$/, 'must be the 12 digits of an AWS account ID');

/** Retention in days, as CloudWatch Logs accepts it; source: PutRetentionPolicy in its API reference. */
const retentionDays = z.literal([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

/**
 * Regions in which Lambda supports arm64 functions, as of June 2023; later ones are missing. Source: "Lambda Functions
 * Powered by AWS Graviton2", AWS News Blog.
 */
const ARM64_REGIONS: readonly string[] = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1'],
  ...['eu-central-1', 'eu-north-1', 'eu-south-1', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['ap-east-1', 'ap-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
  ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'af-south-1', 'me-south-1'],
];

/**
 * Prefixes of regions outside the partition `aws`. Source: the partitions of the AWS SDK for JavaScript,
 * `@aws-sdk/core`.
 */
const OTHER_PARTITIONS = /^(?:us-gov|cn|us-iso[a-z]?|eu-isoe|eusc)-/;

const region = z
  .string()
  .regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, { error: 'must be an AWS region such as eu-central-1', abort: true })
  .refine((name) => !OTHER_PARTITIONS.test(name), {
    error:
      'must be a region of the partition aws: in GovCloud, China and the other partitions, ARNs differ, and the stack does not write those',
    abort: true,
  })
  .refine((name) => ARM64_REGIONS.includes(name), {
    error:
      'must be a region in which Lambda supports arm64 functions; if the price list of Lambda has an Arm price for it, add it to ARM64_REGIONS in environments/schema.ts',
  });

/** Which keys encrypt the buckets, tables, logs, alarms, undelivered events and executions. */
const encryption = z.discriminatedUnion('type', [
  settings({ type: z.literal('aws-managed') }),
  settings({
    type: z.literal('customer-managed'),
    /** A key that exists, and whose policy allows what docs/security.md lists; by default, the stack creates one. */
    keyArn: z
      .string()
      .regex(
        /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
        'must be the ARN of a KMS key (not of an alias), such as arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      )
      .optional(),
  }),
]);

/** Where Terraform keeps the state of the environment's stack. */
const backend = z.discriminatedUnion('type', [
  settings({ type: z.literal('local') }),
  settings({
    type: z.literal('s3'),
    /** An existing bucket. A file next to the state locks it, which requires Terraform 1.10. */
    bucket: z.string().min(3).max(63),
    region: z.string().min(1),
  }),
  settings({
    type: z.literal('cloud'),
    /** HCP Terraform. */
    organization: z.string().min(1),
    /** A workspace by its name, or one of those that have all these tags, chosen with TF_WORKSPACE. */
    workspace: z.union([z.string().min(1), settings({ tags: z.array(z.string().min(1)).min(1) })], {
      error: mustBe('a name or { tags: [...] }'),
    }),
  }),
]);

/** Prefix of the keys of a dataset's files; empty for all keys without the prefix of another dataset. */
export const datasetPrefix = z
  .string()
  .max(512)
  .regex(
    /^(?:[\w.!'()-][\w.!'()/ -]*\/)?$/,
    "must be empty, or end with a / and contain only letters, digits, spaces and !_.'()-/",
  );

/** A subscription of the alarm topic. */
const subscription = settings({
  protocol: z.literal(['email', 'https', 'sqs', 'lambda', 'sms']),
  endpoint: z.string().min(1),
});

/** What the endpoint of a protocol looks like. */
const ENDPOINTS = {
  email: [/^[^\s@]+@[^\s@]+$/, 'an email address'],
  https: [/^https:\/\/\S+$/, 'a URL that starts with https://'],
  lambda: [/^arn:aws:lambda:[\w-]+:\d{12}:function:[\w:-]+$/, 'the ARN of a function'],
  sqs: [/^arn:aws:sqs:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of a queue that is not FIFO'],
} as const;

/** Who is notified of uploads that end in one of these ways. */
const notification = settings({
  on: z
    .array(z.literal(['loaded', 'rejected', 'failed']))
    .min(1)
    .refine((outcomes) => new Set(outcomes).size === outcomes.length, 'must not name an outcome twice'),
  protocol: z.literal(['email', 'https', 'lambda', 'sqs']),
  endpoint: z.string(),
}).superRefine(({ protocol, endpoint }, context) => {
  const [pattern, what] = ENDPOINTS[protocol];
  if (pattern.test(endpoint)) return;
  const message = `must be ${what} for the protocol ${protocol}, not ${JSON.stringify(endpoint)}`;
  context.addIssue({ code: 'custom', path: ['endpoint'], message });
});

export const environmentSchema = settings({
  /** Part of every resource's name: lower-case letters, digits and hyphens. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be 1 to 16 characters of a-z, 0-9 and -, starting with a letter')
    .refine((name) => name !== 'state', "must not be state, which is the name of the state bucket's stack"),
  /** The only account that Terraform may change. */
  accountId,
  region,
  backend,
  /** The prefix of the keys of each dataset's files, by dataset name. */
  datasets: z
    .partialRecord(z.enum(datasetNames), datasetPrefix, {
      error: (issue) => {
        const unknown = unknownAmong('dataset', datasetNames)(issue);
        return unknown === undefined ? undefined : unknown + unlistedDatasets();
      },
    })
    .refine((datasets) => Object.keys(datasets).length > 0, 'must have at least one dataset')
    .refine(
      (datasets) => new Set(Object.values(datasets)).size === Object.keys(datasets).length,
      'must have a different prefix for each dataset',
    )
    .default({ results: '' }),
  /** INLINE runs all chunks in one execution's history; DISTRIBUTED runs each chunk as an execution of its own. */
  mapMode: z.literal(['INLINE', 'DISTRIBUTED']),
  /** Chunks that are validated at the same time; at most four are loaded at the same time. */
  maxConcurrency: z.int().min(1).max(1_000),
  // Settings of functions that an environment may choose, declared in the functions' manifests.
  ...fetchCsv.environment,
  ...judgeCsv.environment,
  executionTimeoutMinutes: z.int().min(1).max(525_600).default(120),
  functionMemoryMb: z.int().min(256).max(10_240).default(512),
  functionTimeoutSeconds: z.int().min(30).max(900).default(300),
  /**
   * Concurrent invocations that are reserved for a function, and that it may not exceed, by its folder's name. AWS leaves
   * at least 100 of the account's invocations unreserved.
   */
  reservedConcurrency: z
    .partialRecord(z.enum(FUNCTION_NAMES), z.int().min(1), {
      error: unknownAmong('function', FUNCTION_NAMES),
    })
    .default({}),
  logRetentionDays: retentionDays,
  /** Days after which reports of rejected rows are deleted. */
  reportRetentionDays: z.int().min(1),
  /** Days for which noncurrent versions of source objects are kept. */
  formerVersionDays: z.int().min(1),
  /** The ARN of a policy that limits every role of the environment; see docs/permissions.md. */
  permissionsBoundary: z
    .string()
    .regex(
      /^arn:aws:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/,
      'must be the ARN of a policy, such as arn:aws:iam::111122223333:policy/csv-pipeline-prod-boundary',
    )
    .optional(),
  /** Protects tables and buckets from deletion. */
  deletionProtection: z.boolean(),
  encryption: encryption.default({ type: 'aws-managed' }),
  alarmSubscriptions: z.array(subscription).default([]),
  notifications: z.array(notification).default([]),
  /** Deployed to an emulator at `AWS_ENDPOINT_URL`, with credentials that AWS rejects. */
  emulated: z.boolean().default(false),
  /** A version of Terraform's AWS provider other than the bindings', such as the one that a mirror has. */
  awsProviderVersion: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 6.25.0')
    .optional(),
  /** Added to every resource. */
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
})
  .refine((environment) => environment.mapMode === 'DISTRIBUTED' || environment.maxConcurrency <= 40, {
    path: ['maxConcurrency'],
    message: 'must be at most 40, the limit of an INLINE Map; for more, set mapMode to DISTRIBUTED',
  })
  .refine(
    ({ encryption, region }) =>
      encryption.type === 'aws-managed' ||
      encryption.keyArn === undefined ||
      encryption.keyArn.startsWith(`arn:aws:kms:${region}:`),
    { path: ['encryption', 'keyArn'], message: "must be a key of the environment's region" },
  );

/** An environment as its file declares it: settings with defaults may be absent. */
export type EnvironmentInput = z.input<typeof environmentSchema>;

/** The settings of the state bucket's stack. */
export type StateSettings = Pick<Environment, 'accountId' | 'region' | 'emulated' | 'awsProviderVersion'> & {
  readonly bucket: string;
};

/** An environment with all settings. */
export type Environment = z.output<typeof environmentSchema>;

/**
 * Checks an environment.
 * @throws ConfigurationError that names the environment and each setting that is invalid, missing or unknown.
 */
export function checkEnvironment(input: EnvironmentInput): Environment {
  const result = environmentSchema.safeParse(input, { error: problemOf });
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `  ${issue.path.map(String).join('.') || '(the environment)'}: ${issue.message}`,
  );
  throw new ConfigurationError(
    `The environment ${JSON.stringify(input.name)} is invalid:\n${problems.join('\n')}`,
  );
}
