import { isCsvName } from '../../functions/core/container/containers.ts';
import { matchesPattern } from '../../local/emulator/event-pattern.ts';
import { parsed, part, resources, synthesized } from '../support/stack/stack.ts';

const dev = synthesized('dev');

test('the trigger is a rule with the workflow as its target, and a queue for undelivered events', () => {
  expect(part(dev, 'trigger_')).toEqual({
    'aws_cloudwatch_event_rule.trigger_rule': {
      name: 'csv-pipeline-dev-trigger',
      description: 'A CSV file was uploaded to the bucket of csv-pipeline-dev',
      state: 'ENABLED',
      event_pattern: expect.any(String),
    },
    'aws_cloudwatch_event_target.trigger_target': {
      rule: '${aws_cloudwatch_event_rule.trigger_rule.name}',
      target_id: 'workflow',
      arn: '${aws_sfn_state_machine.workflow_state-machine.arn}',
      role_arn: '${aws_iam_role.trigger_role.arn}',
      input_path: '$.detail.object',
      retry_policy: { maximum_event_age_in_seconds: 86_400, maximum_retry_attempts: 185 },
      dead_letter_config: { arn: '${aws_sqs_queue.trigger_dead-letter-queue.arn}' },
      depends_on: ['aws_iam_role_policy.trigger_policy', 'aws_sqs_queue_policy.trigger_dead-letter-policy'],
    },
    'aws_sqs_queue.trigger_dead-letter-queue': {
      name: 'csv-pipeline-dev-trigger-dead-letters',
      message_retention_seconds: 1_209_600,
      sqs_managed_sse_enabled: true,
    },
    'aws_sqs_queue_policy.trigger_dead-letter-policy': {
      queue_url: '${aws_sqs_queue.trigger_dead-letter-queue.url}',
      policy: expect.any(String),
    },
    'aws_iam_role.trigger_role': {
      name: 'csv-pipeline-dev-trigger',
      assume_role_policy: expect.any(String),
    },
    'aws_iam_role_policies_exclusive.trigger_only-policy': {
      role_name: '${aws_iam_role.trigger_role.name}',
      policy_names: ['${aws_iam_role_policy.trigger_policy.name}'],
    },
    'aws_iam_role_policy_attachments_exclusive.trigger_no-attachments': {
      role_name: '${aws_iam_role.trigger_role.name}',
      policy_arns: [],
    },
    'aws_iam_role_policy.trigger_policy': {
      name: 'permissions',
      role: '${aws_iam_role.trigger_role.name}',
      policy: expect.any(String),
    },
  });
});

test('the rule matches objects created in the source bucket whose key ends in .csv or the suffix of a container', () => {
  const rule = resources(dev, 'aws_cloudwatch_event_rule').trigger_rule;
  expect(parsed(rule, 'event_pattern')).toEqual({
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: {
      bucket: { name: ['${aws_s3_bucket.source_bucket.bucket}'] },
      object: {
        key: ['.csv', '.csv.gz', '.zip', '.csv.zst'].map((suffix) => ({
          suffix: { 'equals-ignore-case': suffix },
        })),
      },
    },
  });
});

test.each([
  'a.csv',
  'a.CSV',
  'b/a.csv.gz',
  'a.Csv.Gz',
  'a.gz',
  'a.csv.zip',
  'a.ZIP',
  'a.csv.zst',
  'a.zst',
  'acsv',
  '.csv',
])('the rule matches %s if the dry run says so', (key) => {
  const rule = resources(dev, 'aws_cloudwatch_event_rule').trigger_rule;
  const pattern = parsed(rule, 'event_pattern');
  const event = {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name: '${aws_s3_bucket.source_bucket.bucket}' }, object: { key } },
  };
  expect(matchesPattern(pattern, event)).toBe(isCsvName(key));
});

test('only this rule may send to the dead-letter queue, and only over TLS', () => {
  const policy = resources(dev, 'aws_sqs_queue_policy')['trigger_dead-letter-policy'];
  const queue = '${aws_sqs_queue.trigger_dead-letter-queue.arn}';
  expect(parsed(policy, 'policy')).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AllowRule',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queue,
        Condition: { ArnEquals: { 'aws:SourceArn': '${aws_cloudwatch_event_rule.trigger_rule.arn}' } },
      },
      {
        Sid: 'DenyPlainText',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: [queue],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
});
