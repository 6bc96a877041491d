/** The settings of an environment: their type, their limits, and their check before anything is synthesized. */

import { z } from 'zod';
import { datasetNames } from '../datasets/index.ts';
import { hasUnknown } from '../functions/core/dataset/names.ts';
import { ConfigurationError } from '../functions/core/errors.ts';
import { manifest as fetchCsv } from '../functions/fetch-csv/manifest.ts';
import { manifest as judgeCsv } from '../functions/judge-csv/manifest.ts';

/** An object with these settings, and no others. */
function settings<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: unknownAmong('setting', Object.keys(shape)) });
}

/** Makes the message for unknown keys; for anything else the schema's own stays. */
function unknownAmong(what: string, known: readonly string[]) {
  return (issue: z.core.$ZodRawIssue) =>
    issue.code === 'unrecognized_keys' ? hasUnknown(what, issue.keys, known) : undefined;
}

const accountId = z.string().regex(/^\d{12}$/, 'must be the 12 digits of an AWS account id');

/** Days that CloudWatch Logs accepts as a retention; source: PutRetentionPolicy in its API reference. */
const retentionDays = z.literal([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

/**
 * Regions in which Lambda has arm64 functions; those that are added later are missing here. Source: "Lambda Functions
 * Powered by AWS Graviton2", AWS News Blog, as of June 2023.
 */
const ARM64_REGIONS: readonly string[] = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1'],
  ...['eu-central-1', 'eu-north-1', 'eu-south-1', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['ap-east-1', 'ap-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
  ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'af-south-1', 'me-south-1'],
];

const region = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'must be an AWS region such as eu-central-1', abort: true })
  .refine((name) => ARM64_REGIONS.includes(name), {
    error:
      'must be a region in which Lambda has arm64 functions; if the price list of Lambda has an Arm price for it, add it to ARM64_REGIONS in environments/schema.ts',
  });

/** Where Terraform keeps the state of the environment's stack. */
const backend = z.discriminatedUnion('type', [
  settings({ type: z.literal('local') }),
  settings({
    type: z.literal('s3'),
    /** A bucket that exists; the state is locked by a file beside it (Terraform >= 1.10). */
    bucket: z.string().min(3).max(63),
    region: z.string().min(1),
  }),
  settings({
    type: z.literal('cloud'),
    /** HCP Terraform. */
    organization: z.string().min(1),
    /** A workspace by its name, or one of those that have all these tags, chosen with TF_WORKSPACE. */
    workspace: z.union([z.string().min(1), settings({ tags: z.array(z.string().min(1)).min(1) })]),
  }),
]);

/** What the keys of a dataset's files begin with; empty for all keys that begin with no other dataset's. */
const prefix = z
  .string()
  .max(512)
  .regex(
    /^(?:[\w.!'()-][\w.!'()/ -]*\/)?$/,
    "must be empty, or end with a /, and have letters, digits and !_.'()-/ alone",
  );

/** A subscription of the alarm topic. */
const subscription = settings({
  protocol: z.literal(['email', 'https', 'sqs', 'lambda', 'sms']),
  endpoint: z.string().min(1),
});

export const environmentSchema = settings({
  /** Part of every resource's name: lower case, digits, hyphens. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be 1 to 16 of a-z, 0-9 and -, starting with a letter')
    .refine((name) => name !== 'state', 'must not be state: that is the stack of the state bucket'),
  /** The only account that Terraform may touch. */
  accountId,
  region,
  backend,
  /** The datasets by their names: for each, what the keys of its files begin with. */
  datasets: z
    .partialRecord(z.enum(datasetNames), prefix, { error: unknownAmong('dataset', datasetNames) })
    .refine((datasets) => Object.keys(datasets).length > 0, 'must have a dataset')
    .refine(
      (datasets) => new Set(Object.values(datasets)).size === Object.keys(datasets).length,
      'must have a prefix of its own for each dataset',
    )
    .default({ results: '' }),
  /** INLINE keeps every chunk in one history; DISTRIBUTED gives each chunk an execution of its own. */
  mapMode: z.literal(['INLINE', 'DISTRIBUTED']),
  /** Chunks that are validated at once; at most four are loaded at once. */
  maxConcurrency: z.int().min(1).max(1_000),
  // What the functions let an environment choose; each setting is declared in its function's manifest.
  ...fetchCsv.environment,
  ...judgeCsv.environment,
  executionTimeoutMinutes: z.int().min(1).max(525_600).default(30),
  functionMemoryMb: z.int().min(256).max(10_240).default(512),
  functionTimeoutSeconds: z.int().min(30).max(900).default(300),
  logRetentionDays: retentionDays,
  /** Days after which reports of rejected rows are deleted. */
  reportRetentionDays: z.int().min(1),
  /** Days for which a source object's former versions are kept. */
  formerVersionDays: z.int().min(1),
  /** Keeps the table from being deleted, and buckets that are not empty. */
  deletionProtection: z.boolean(),
  alarmSubscriptions: z.array(subscription).default([]),
  /** Deployed to an emulator, at `AWS_ENDPOINT_URL`, with credentials that AWS refuses. */
  emulated: z.boolean().default(false),
  /** Another version of Terraform's aws provider than that of the bindings: one that a mirror has. */
  awsProviderVersion: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 6.25.0')
    .optional(),
  /** Added to every resource. */
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
}).refine((environment) => environment.mapMode === 'DISTRIBUTED' || environment.maxConcurrency <= 40, {
  path: ['maxConcurrency'],
  message:
    'must be at most 40 with an INLINE Map, which runs no more iterations at once; or set mapMode to DISTRIBUTED',
});

/** An environment as it is written down, defaults left out. */
export type EnvironmentInput = z.input<typeof environmentSchema>;

/** Where the bucket for states is, and is made. */
export type StateSettings = Pick<Environment, 'accountId' | 'region' | 'emulated' | 'awsProviderVersion'> & {
  readonly bucket: string;
};

/** An environment with every setting. */
export type Environment = z.output<typeof environmentSchema>;

/**
 * Checks an environment.
 * @throws ConfigurationError that names the environment and each setting that is wrong, missing or unknown.
 */
export function checkEnvironment(input: EnvironmentInput): Environment {
  const result = environmentSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `  ${issue.path.map(String).join('.') || '(the environment)'}: ${issue.message}`,
  );
  throw new ConfigurationError(
    `The environment ${JSON.stringify(input.name)} is not valid:\n${problems.join('\n')}`,
  );
}
