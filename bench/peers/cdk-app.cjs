// A similar stack in CDK, with Python functions: buckets, tables, a function for each task, the state machine with its
// Maps, the rule, the topic and the alarms. It only serves to measure a synth, and is never deployed.

const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const cdk = require('aws-cdk-lib');
const cloudwatch = require('aws-cdk-lib/aws-cloudwatch');
const actions = require('aws-cdk-lib/aws-cloudwatch-actions');
const dynamodb = require('aws-cdk-lib/aws-dynamodb');
const events = require('aws-cdk-lib/aws-events');
const targets = require('aws-cdk-lib/aws-events-targets');
const lambda = require('aws-cdk-lib/aws-lambda');
const logs = require('aws-cdk-lib/aws-logs');
const s3 = require('aws-cdk-lib/aws-s3');
const sns = require('aws-cdk-lib/aws-sns');
const sqs = require('aws-cdk-lib/aws-sqs');
const sfn = require('aws-cdk-lib/aws-stepfunctions');
const tasks = require('aws-cdk-lib/aws-stepfunctions-tasks');

const outdir = process.env.CDK_OUTDIR;
const code = join(outdir, 'code');
mkdirSync(code, { recursive: true });
writeFileSync(join(code, 'index.py'), 'def handler(event, context):\n    return event\n');

const app = new cdk.App({ outdir });
const stack = new cdk.Stack(app, 'csv-pipeline', {
  env: { account: '111122223333', region: 'eu-central-1' },
});

const [source, reports] = ['source', 'reports'].map(
  (name) =>
    new s3.Bucket(stack, name, {
      versioned: true,
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      eventBridgeEnabled: name === 'source',
      lifecycleRules: [{ noncurrentVersionExpiration: cdk.Duration.days(30) }],
    }),
);
const [table, ledger] = ['table', 'ledger'].map(
  (name) =>
    new dynamodb.Table(stack, name, {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    }),
);
const task = (name) => {
  const fn = new lambda.Function(stack, name, {
    runtime: lambda.Runtime.PYTHON_3_13,
    architecture: lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(code),
    memorySize: 512,
    timeout: cdk.Duration.minutes(5),
    tracing: lambda.Tracing.ACTIVE,
    logGroup: new logs.LogGroup(stack, `${name}Log`, { retention: logs.RetentionDays.ONE_MONTH }),
    environment: { SOURCE: source.bucketName, REPORTS: reports.bucketName, TABLE: table.tableName },
  });
  source.grantRead(fn);
  reports.grantReadWrite(fn);
  ledger.grantReadWriteData(fn);
  if (name === 'LoadToDynamoDB') table.grantWriteData(fn);
  return new tasks.LambdaInvoke(stack, `${name}Task`, { lambdaFunction: fn, outputPath: '$.Payload' });
};
const failed = new sfn.Fail(stack, 'Failed');
const map = (name) =>
  new sfn.Map(stack, `${name}Map`, { itemsPath: '$.chunks', maxConcurrency: 10, resultPath: '$.results' })
    .itemProcessor(task(name))
    .addCatch(failed);
const definition = sfn.Chain.start(task('FetchCsv').addCatch(failed))
  .next(map('ValidateCsv'))
  .next(task('JudgeCsv').addCatch(failed))
  .next(task('FindDuplicates').addCatch(failed))
  .next(task('ReportRejects').addCatch(failed))
  .next(task('BeginLoad').addCatch(failed))
  .next(map('LoadToDynamoDB'))
  .next(task('ReconcileLoad').addCatch(failed));
const machine = new sfn.StateMachine(stack, 'machine', {
  definitionBody: sfn.DefinitionBody.fromChainable(definition),
  tracingEnabled: true,
});
new events.Rule(stack, 'rule', {
  eventPattern: { source: ['aws.s3'], detailType: ['Object Created'] },
  targets: [
    new targets.SfnStateMachine(machine, {
      input: events.RuleTargetInput.fromEventPath('$.detail'),
      deadLetterQueue: new sqs.Queue(stack, 'queue'),
    }),
  ],
});
const topic = new sns.Topic(stack, 'topic');
for (const name of ['Failed', 'TimedOut', 'Aborted', 'Throttled']) {
  new cloudwatch.Alarm(stack, `Alarm${name}`, {
    metric: machine[`metric${name}`](),
    threshold: 1,
    evaluationPeriods: 1,
  }).addAlarmAction(new actions.SnsAction(topic));
}
app.synth();
