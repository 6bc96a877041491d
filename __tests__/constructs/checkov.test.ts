/**
 * The table of Checkov's rules in docs/security.md is true of the synthesized stacks. The rules are those of Checkov 3.3.9
 * for the resources of the stack, in `checkov/terraform/checks`: what they look at, written anew.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prodWith } from '../support/stack/in-process.ts';
import type { StackJson } from '../support/stack/stack.ts';

type Arguments = Readonly<Record<string, unknown>>;
interface Statement {
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: unknown;
}

const of = (type: string, isGood: (each: Arguments) => boolean) => (stack: StackJson) => {
  const found = Object.values(stack.resource[type] ?? {});
  // Only keys may be absent: without any, none is wrong.
  return (found.length > 0 || type === 'aws_kms_key') && found.every(isGood);
};
const has = (type: string, name: string) => of(type, (each) => each[name] !== undefined);

/** Whether every bucket has a resource of that type, for which the condition holds. */
const bucketsWith =
  (type: string, isGood: (each: Arguments) => boolean = () => true) =>
  ({ resource }: StackJson) =>
    Object.keys(resource.aws_s3_bucket ?? {}).every((name) =>
      Object.values(resource[type] ?? {}).some(
        (each) => String(each.bucket).startsWith(`\${aws_s3_bucket.${name}.`) && isGood(each),
      ),
    );

const blocks = (setting: string) =>
  bucketsWith('aws_s3_bucket_public_access_block', (each) => each[setting] === true);

const list = (value: string | readonly string[] = []) => (typeof value === 'string' ? [value] : value);

/** Whether a condition holds for each statement that allows something. */
const allowed = (type: string, isGood: (each: Statement) => boolean, attribute = 'policy') =>
  of(type, (each) =>
    (JSON.parse(String(each[attribute])).Statement as Statement[]).every(
      (statement) => statement.Effect === 'Deny' || isGood(statement),
    ),
  );

const isAnyone = ({ Principal }: Statement) => /"\*"/.test(JSON.stringify(Principal ?? ''));
const algorithm = (each: Arguments) => (/"sse_algorithm":"([^"]+)"/.exec(JSON.stringify(each.rule)) ?? [])[1];
const ENCRYPTION = 'aws_s3_bucket_server_side_encryption_configuration';
const LIFECYCLE = 'aws_s3_bucket_lifecycle_configuration';

/** Whether the stack passes each rule. */
const RULES: Readonly<Record<string, (stack: StackJson) => boolean>> = {
  CKV_AWS_7: of('aws_kms_key', (key) => key.enable_key_rotation === true),
  CKV_AWS_33: allowed('aws_kms_key', (statement) => !isAnyone(statement)),
  CKV_AWS_227: of('aws_kms_key', (key) => key.is_enabled !== false),
  CKV2_AWS_64: has('aws_kms_key', 'policy'),
  CKV_AWS_26: has('aws_sns_topic', 'kms_master_key_id'),
  CKV_AWS_27: of('aws_sqs_queue', (queue) =>
    Boolean(queue.sqs_managed_sse_enabled ?? queue.kms_master_key_id),
  ),
  CKV2_AWS_73: of('aws_sqs_queue', (queue) => queue.kms_master_key_id !== 'alias/aws/sqs'),
  CKV_AWS_72: allowed('aws_sqs_queue_policy', ({ Action }) => !list(Action).includes('*')),
  CKV_AWS_168: allowed('aws_sqs_queue_policy', (statement) => !isAnyone(statement)),
  CKV_AWS_387: allowed('aws_sqs_queue_policy', (statement) => !isAnyone(statement)),
  CKV_AWS_28: of(
    'aws_dynamodb_table',
    (table) => JSON.stringify(table.point_in_time_recovery) === '{"enabled":true}',
  ),
  CKV_AWS_119: of('aws_dynamodb_table', (table) =>
    JSON.stringify(table.server_side_encryption).includes('kms_key_arn'),
  ),
  CKV2_AWS_16: of('aws_dynamodb_table', (table) => table.billing_mode === 'PAY_PER_REQUEST'),
  CKV_AWS_45: of('aws_lambda_function', (each) => !/AKIA[0-9A-Z]{16}/.test(JSON.stringify(each.environment))),
  CKV_AWS_50: of('aws_lambda_function', (each) => JSON.stringify(each.tracing_config).includes('"Active"')),
  CKV_AWS_115: has('aws_lambda_function', 'reserved_concurrent_executions'),
  CKV_AWS_116: has('aws_lambda_function', 'dead_letter_config'),
  CKV_AWS_117: has('aws_lambda_function', 'vpc_config'),
  CKV_AWS_173: has('aws_lambda_function', 'kms_key_arn'),
  CKV_AWS_272: has('aws_lambda_function', 'code_signing_config_arn'),
  CKV_AWS_363: of('aws_lambda_function', (each) => /^nodejs2[24]\.x$/.test(String(each.runtime))),
  CKV_AWS_18: bucketsWith('aws_s3_bucket_logging'),
  CKV_AWS_19: bucketsWith(ENCRYPTION, (each) => ['AES256', 'aws:kms'].includes(algorithm(each) ?? '')),
  CKV_AWS_20: of('aws_s3_bucket', (each) => each.acl === undefined),
  CKV_AWS_21: bucketsWith('aws_s3_bucket_versioning', (each) =>
    JSON.stringify(each.versioning_configuration).includes('"Enabled"'),
  ),
  CKV_AWS_53: blocks('block_public_acls'),
  CKV_AWS_54: blocks('block_public_policy'),
  CKV_AWS_55: blocks('ignore_public_acls'),
  CKV_AWS_56: blocks('restrict_public_buckets'),
  CKV_AWS_57: of('aws_s3_bucket', (each) => each.acl === undefined),
  CKV_AWS_70: allowed('aws_s3_bucket_policy', (statement) => !isAnyone(statement)),
  CKV_AWS_93: of('aws_s3_bucket_policy', (each) =>
    (JSON.parse(String(each.policy)).Statement as Statement[]).every(
      ({ Effect, Condition }) => Effect === 'Allow' || Condition !== undefined,
    ),
  ),
  CKV_AWS_144: bucketsWith('aws_s3_bucket_replication_configuration'),
  CKV_AWS_145: bucketsWith(ENCRYPTION, (each) => algorithm(each) === 'aws:kms'),
  CKV_AWS_300: bucketsWith(LIFECYCLE, ({ rule }) =>
    (rule as Arguments[]).some(
      (each) =>
        each.status === 'Enabled' &&
        each.abort_incomplete_multipart_upload !== undefined &&
        JSON.stringify(each.filter) === '[{}]',
    ),
  ),
  CKV_AWS_379: of('aws_s3_bucket', (each) => each.acl === undefined),
  CKV2_AWS_6: bucketsWith('aws_s3_bucket_public_access_block'),
  CKV2_AWS_61: bucketsWith(LIFECYCLE),
  CKV2_AWS_62: bucketsWith('aws_s3_bucket_notification'),
  CKV_AWS_60: allowed('aws_iam_role', (statement) => !isAnyone(statement), 'assume_role_policy'),
  CKV_AWS_61: allowed(
    'aws_iam_role',
    ({ Principal }) => !/arn:aws:iam::\d+:root|"AWS"/.test(JSON.stringify(Principal)),
    'assume_role_policy',
  ),
  CKV_AWS_62: allowed(
    'aws_iam_role_policy',
    ({ Action, Resource }) => !(list(Action).includes('*') && list(Resource).includes('*')),
  ),
  CKV_AWS_63: allowed('aws_iam_role_policy', ({ Action }) => !list(Action).includes('*')),
  CKV_AWS_274: of('aws_iam_role', (role) => role.managed_policy_arns === undefined),
  CKV_AWS_358: allowed(
    'aws_iam_role',
    ({ Principal }) => !JSON.stringify(Principal).includes('Federated'),
    'assume_role_policy',
  ),
  CKV2_AWS_40: allowed('aws_iam_role_policy', ({ Action }) => !list(Action).includes('iam:*')),
  CKV_AWS_284: of(
    'aws_sfn_state_machine',
    (each) => JSON.stringify(each.tracing_configuration) === '{"enabled":true}',
  ),
  CKV_AWS_285: of('aws_sfn_state_machine', (each) =>
    JSON.stringify(each.logging_configuration).includes('"include_execution_data":true'),
  ),
  CKV_AWS_66: has('aws_cloudwatch_log_group', 'retention_in_days'),
  CKV_AWS_158: has('aws_cloudwatch_log_group', 'kms_key_id'),
  CKV_AWS_338: of('aws_cloudwatch_log_group', (each) => Number(each.retention_in_days) >= 365),
  CKV_AWS_319: of('aws_cloudwatch_metric_alarm', (alarm) => alarm.actions_enabled !== false),
};

/** What the document says of each rule. */
const documented = new Map(
  [
    ...readFileSync(join(__dirname, '../../docs/security.md'), 'utf8').matchAll(
      /^\| (CKV2?_AWS_\d+) \| [^|]+ \| ([^|]+) \|$/gm,
    ),
  ].map(([, id = '', result = '']) => [id, result]),
);

test('the table has each rule once', () => {
  expect([...documented.keys()].sort()).toEqual(Object.keys(RULES).sort());
});

test('it says which of them the stack passes, with the keys of AWS and with a key of its own', () => {
  const [managed, own] = [prodWith({ type: 'aws-managed' }), prodWith({ type: 'customer-managed' })];
  const found = Object.entries(RULES).map(([id, passes]) => {
    return [id, passes(managed) ? 'passed' : passes(own) ? 'passed with a key of your own' : 'not passed'];
  });
  expect(found).toEqual(
    Object.keys(RULES).map((id) => [id, documented.get(id)?.replace(/^not passed: .{20,}$/, 'not passed')]),
  );
});
