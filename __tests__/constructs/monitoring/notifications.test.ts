import { matchesPattern } from '../../../local/emulator/event-pattern.ts';
import { parsed, part, synthesized } from '../../support/stack/stack.ts';

const prod = part(synthesized('prod'), 'notifications_');

test('a notification is a topic that only its rule may publish to, with the line for a person', () => {
  expect(prod).toEqual({
    'aws_sns_topic.notifications_topic-1': { name: 'csv-pipeline-prod-notifications-1' },
    'aws_sns_topic_subscription.notifications_subscription-1': {
      topic_arn: '${aws_sns_topic.notifications_topic-1.arn}',
      protocol: 'email',
      endpoint: 'data-team@example.com',
    },
    'aws_sns_topic_policy.notifications_policy-1': {
      arn: '${aws_sns_topic.notifications_topic-1.arn}',
      policy: expect.any(String),
    },
    'aws_cloudwatch_event_rule.notifications_rule-1': {
      name: 'csv-pipeline-prod-notifications-1',
      description: 'An upload of csv-pipeline-prod is rejected or failed',
      state: 'ENABLED',
      event_pattern: expect.any(String),
    },
    'aws_cloudwatch_event_target.notifications_target-1': {
      rule: '${aws_cloudwatch_event_rule.notifications_rule-1.name}',
      target_id: 'topic',
      arn: '${aws_sns_topic.notifications_topic-1.arn}',
      input_path: '$.detail.message',
      depends_on: ['aws_sns_topic_policy.notifications_policy-1'],
    },
    'aws_cloudwatch_event_rule.notifications_untold-rule-1': {
      name: 'csv-pipeline-prod-notifications-1-untold',
      description: 'An execution of csv-pipeline-prod ended without an event of its own',
      state: 'ENABLED',
      event_pattern: expect.any(String),
    },
    'aws_cloudwatch_event_target.notifications_untold-target-1': {
      rule: '${aws_cloudwatch_event_rule.notifications_untold-rule-1.name}',
      target_id: 'topic',
      arn: '${aws_sns_topic.notifications_topic-1.arn}',
      input_transformer: {
        input_paths: { name: '$.detail.name', status: '$.detail.status' },
        input_template:
          '"csv-pipeline-prod could not load an upload: its execution <name> ended as <status>."',
      },
      depends_on: ['aws_sns_topic_policy.notifications_policy-1'],
    },
  });
  expect(parsed(prod['aws_cloudwatch_event_rule.notifications_untold-rule-1'], 'event_pattern')).toEqual({
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: {
      stateMachineArn: ['${aws_sfn_state_machine.workflow_state-machine.arn}'],
      $or: [
        { status: ['TIMED_OUT', 'ABORTED'] },
        { status: ['FAILED'], error: [{ 'anything-but': expect.arrayContaining(['HeaderError']) }] },
      ],
    },
  });
  expect(parsed(prod['aws_sns_topic_policy.notifications_policy-1'], 'policy')).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AllowRules',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: '${aws_sns_topic.notifications_topic-1.arn}',
        Condition: {
          ArnEquals: {
            'aws:SourceArn': [
              '${aws_cloudwatch_event_rule.notifications_rule-1.arn}',
              '${aws_cloudwatch_event_rule.notifications_untold-rule-1.arn}',
            ],
          },
        },
      },
    ],
  });
});

test.each([
  ['Upload Rejected', 'csv-pipeline-prod', true],
  ['Upload Failed', 'csv-pipeline-prod', true],
  ['Upload Loaded', 'csv-pipeline-prod', false],
  ['Upload Rejected', 'csv-pipeline-dev', false],
])('of %s of %s, prod notifies: %s', (type, pipeline, expected) => {
  const pattern = parsed(prod['aws_cloudwatch_event_rule.notifications_rule-1'], 'event_pattern');
  const event = { source: 'csv-pipeline', 'detail-type': type, detail: { pipeline } };
  expect(matchesPattern(pattern, event)).toBe(expected);
});

test('an environment without notifications has nothing of them', () => {
  expect(part(synthesized('dev'), 'notifications_')).toEqual({});
});
