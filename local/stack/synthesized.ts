/** What a local run needs from a synthesized stack. All of it comes from `cdk.tf.json`; nothing is declared twice. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UnsupportedError } from '../../report/terminal/errors.ts';
import type { Machine } from '../machine/execution.ts';
import { type Account, References } from './references.ts';

const only = <T extends z.ZodType>(resource: T) => z.record(z.string(), resource).default({});
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('is not JSON');
    return z.NEVER;
  }
});
/** An argument that would change the behaviour on AWS in a way that the local run does not emulate. */
const unsupported = z.undefined('is not supported by the local run').optional();

const lambdaFunction = z.object({
  function_name: z.string(),
  filename: z.string(),
  handler: z.string().regex(/^[^/.]+\.\w+$/, 'must be file.export'),
  runtime: z.string().regex(/^nodejs\d+\.x$/, 'must be Node.js, the only runtime of the local run'),
  memory_size: z.number().default(128),
  timeout: z.number().default(3),
  environment: z.object({ variables: z.record(z.string(), z.string()) }).optional(),
  /** Otherwise the stack would run code that a deploy changes under a running execution. */
  publish: z.literal(true, 'must be true: the local run invokes published versions'),
  layers: unsupported,
  image_uri: unsupported,
  file_system_config: unsupported,
  durable_config: unsupported,
});

const table = z.object({
  name: z.string(),
  billing_mode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).default('PROVISIONED'),
  read_capacity: z.number().optional(),
  write_capacity: z.number().optional(),
  hash_key: z.string(),
  range_key: z.string().optional(),
  attribute: z.array(z.object({ name: z.string(), type: z.enum(['S', 'N', 'B']) })),
  global_secondary_index: z
    .array(
      z.object({
        name: z.string(),
        hash_key: z.string(),
        range_key: z.string().optional(),
        projection_type: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
        non_key_attributes: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  local_secondary_index: unsupported,
});

/** Strict, so that an input transformer, or anything else that changes the input, is not ignored. */
const target = z.strictObject({
  arn: z.string(),
  rule: z.string(),
  role_arn: z.string(),
  target_id: z.string(),
  input_path: z
    .string()
    .regex(/^\$(\.[\w-]+)*$/, 'must be a path of names')
    .default('$'),
  retry_policy: z.unknown().optional(),
  dead_letter_config: z.unknown().optional(),
  depends_on: z.unknown().optional(),
  /** The metadata that cdktf adds about the construct. */
  '//': z.unknown().optional(),
});

const stack = z.object({
  provider: z.object({
    aws: z.tuple([z.object({ region: z.string(), allowed_account_ids: z.tuple([z.string()], z.string()) })]),
  }),
  output: z.object({
    BucketName: z.object({ value: z.string() }),
    ReportsBucketName: z.object({ value: z.string() }),
    Datasets: z.object({
      value: z.record(z.string(), z.object({ prefix: z.string(), table: z.string() })),
    }),
  }),
  resource: z.object({
    aws_lambda_function: only(lambdaFunction),
    aws_s3_bucket: only(z.object({ bucket: z.string() })),
    aws_s3_bucket_versioning: only(
      z.object({ bucket: z.string(), versioning_configuration: z.object({ status: z.string() }) }),
    ),
    aws_s3_bucket_notification: only(
      z.object({ bucket: z.string(), eventbridge: z.boolean().default(false) }),
    ),
    aws_dynamodb_table: only(table),
    aws_sfn_state_machine: only(z.object({ name: z.string(), role_arn: z.string(), definition: z.string() })),
    aws_cloudwatch_event_rule: only(z.object({ name: z.string(), event_pattern: z.string() })),
    aws_cloudwatch_event_target: only(z.looseObject({ arn: z.string() })),
  }),
});

const everyResource = z.object({
  resource: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))),
});

export interface LambdaFunction {
  readonly name: string;
  /** Of its version. */
  readonly arn: string;
  /** The path of the zip. */
  readonly zip: string;
  /** `file.export` */
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly variables: Readonly<Record<string, string>>;
}

export interface Bucket {
  readonly name: string;
  readonly versioned: boolean;
  readonly emitsEvents: boolean;
}

export type Table = Readonly<z.output<typeof table>>;

/** An EventBridge rule that starts the state machine. */
export interface Trigger {
  readonly rule: string;
  readonly pattern: unknown;
  /** The path of the part of the event that becomes the execution's input. */
  readonly inputPath: string;
}

/** Where the files of a dataset come from, and where its rows go. */
export interface DatasetPlace {
  readonly name: string;
  /** The prefix of its files' keys. */
  readonly prefix: string;
  /** The table's name. */
  readonly table: string;
}

export interface SynthesizedStack {
  readonly account: Account;
  readonly functions: readonly LambdaFunction[];
  readonly buckets: readonly Bucket[];
  readonly tables: readonly Table[];
  readonly machine: Machine;
  readonly triggers: readonly Trigger[];
  readonly sourceBucket: string;
  readonly reportsBucket: string;
  readonly datasets: readonly DatasetPlace[];
}

/**
 * Reads a synthesized stack.
 * @param folder holds `cdk.tf.json`
 * @throws UnsupportedError when the local run cannot run a part of the stack like AWS; the message names the part.
 */
export async function readSynthesized(folder: string): Promise<SynthesizedStack> {
  const parsed: unknown = JSON.parse(await readFile(join(folder, 'cdk.tf.json'), 'utf8'));
  const { provider, output, resource } = check(stack, parsed);
  const [{ region, allowed_account_ids }] = provider.aws;
  const account = { id: allowed_account_ids[0], region };
  const references = new References(check(everyResource, parsed).resource, account);
  const resolve = (text: string) => references.resolve(text);
  const parse = (text: string) => check(json, resolve(text));

  const machines = Object.entries(resource.aws_sfn_state_machine);
  const [machine] = machines;
  if (machine === undefined || machines.length > 1) {
    throw new UnsupportedError(
      `The stack has ${machines.length} state machines; the local run needs exactly one.`,
    );
  }
  const machineArn = resolve(`\${aws_sfn_state_machine.${machine[0]}.arn}`);
  const versioned = new Set(
    Object.values(resource.aws_s3_bucket_versioning)
      .filter(({ versioning_configuration: { status } }) => status === 'Enabled')
      .map(({ bucket }) => resolve(bucket)),
  );
  const emitting = new Set(
    Object.values(resource.aws_s3_bucket_notification)
      .filter(({ eventbridge }) => eventbridge)
      .map(({ bucket }) => resolve(bucket)),
  );
  const patterns = new Map(
    Object.values(resource.aws_cloudwatch_event_rule).map((rule) => [
      resolve(rule.name),
      parse(rule.event_pattern),
    ]),
  );
  return {
    account,
    functions: Object.entries(resource.aws_lambda_function).map(([name, lambda]) => ({
      name: resolve(lambda.function_name),
      arn: resolve(`\${aws_lambda_function.${name}.qualified_arn}`),
      zip: join(folder, lambda.filename),
      handler: lambda.handler,
      memoryMb: lambda.memory_size,
      timeoutSeconds: lambda.timeout,
      variables: Object.fromEntries(
        Object.entries(lambda.environment?.variables ?? {}).map(([key, value]) => [key, resolve(value)]),
      ),
    })),
    buckets: Object.values(resource.aws_s3_bucket).map((bucket) => {
      const name = resolve(bucket.bucket);
      return { name, versioned: versioned.has(name), emitsEvents: emitting.has(name) };
    }),
    tables: Object.values(resource.aws_dynamodb_table).map((each) => ({ ...each, name: resolve(each.name) })),
    machine: {
      name: resolve(machine[1].name),
      arn: machineArn,
      roleArn: resolve(machine[1].role_arn),
      definition: parse(machine[1].definition),
    },
    triggers: Object.values(resource.aws_cloudwatch_event_target)
      .filter((each) => resolve(each.arn) === machineArn)
      .map((each) => check(target, each))
      .map((each) => ({
        rule: resolve(each.rule),
        pattern: patterns.get(resolve(each.rule)),
        inputPath: each.input_path,
      })),
    sourceBucket: resolve(output.BucketName.value),
    reportsBucket: resolve(output.ReportsBucketName.value),
    datasets: Object.entries(output.Datasets.value).map(([name, each]) => ({
      name,
      prefix: each.prefix,
      table: resolve(each.table),
    })),
  };
}

function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new UnsupportedError(`The local run cannot run the synthesized stack:\n${problems.join('\n')}`);
}
