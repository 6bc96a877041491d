/** With the condition `terrain`, each `#aws/*` resolves to this file, which has all resources that constructs/ uses. */

export { CloudwatchDashboard } from '@cdktn/provider-aws/lib/cloudwatch-dashboard/index.js';
export { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js';
export { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js';
export { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js';
export { CloudwatchMetricAlarm } from '@cdktn/provider-aws/lib/cloudwatch-metric-alarm/index.js';
export { DynamodbTable } from '@cdktn/provider-aws/lib/dynamodb-table/index.js';
export { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js';
export { IamRolePoliciesExclusive } from '@cdktn/provider-aws/lib/iam-role-policies-exclusive/index.js';
export { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js';
export { IamRolePolicyAttachmentsExclusive } from '@cdktn/provider-aws/lib/iam-role-policy-attachments-exclusive/index.js';
export { LambdaFunction } from '@cdktn/provider-aws/lib/lambda-function/index.js';
export { AwsProvider } from '@cdktn/provider-aws/lib/provider/index.js';
export { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js';
export { S3BucketLifecycleConfiguration } from '@cdktn/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
export { S3BucketNotification } from '@cdktn/provider-aws/lib/s3-bucket-notification/index.js';
export { S3BucketOwnershipControls } from '@cdktn/provider-aws/lib/s3-bucket-ownership-controls/index.js';
export { S3BucketPolicy } from '@cdktn/provider-aws/lib/s3-bucket-policy/index.js';
export { S3BucketPublicAccessBlock } from '@cdktn/provider-aws/lib/s3-bucket-public-access-block/index.js';
export { S3BucketServerSideEncryptionConfigurationA } from '@cdktn/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
export { S3BucketVersioningA } from '@cdktn/provider-aws/lib/s3-bucket-versioning/index.js';
export { SfnStateMachine } from '@cdktn/provider-aws/lib/sfn-state-machine/index.js';
export { SnsTopic } from '@cdktn/provider-aws/lib/sns-topic/index.js';
export { SnsTopicSubscription } from '@cdktn/provider-aws/lib/sns-topic-subscription/index.js';
export { SqsQueue } from '@cdktn/provider-aws/lib/sqs-queue/index.js';
export { SqsQueuePolicy } from '@cdktn/provider-aws/lib/sqs-queue-policy/index.js';
