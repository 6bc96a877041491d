/** The whole pipeline in one account: what the parts are, and what each may do with the others. */

import { TerraformElement, TerraformOutput, TerraformStack, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { type FunctionName, loadConcurrency, maxChunks } from '../asl/pipeline.ts';
import { tableOf } from '../datasets/index.ts';
import type { Environment } from '../environments/schema.ts';
import { Alarms } from './alarms.ts';
import { awsProvider } from './aws-provider.ts';
import { backend } from './backend.ts';
import { Dashboard } from './dashboard.ts';
import { allow, type Statement } from './iam.ts';
import { keyedTable } from './keyed-table.ts';
import { LambdaTask } from './lambda-task.ts';
import { PrivateBucket } from './private-bucket.ts';
import { Trigger } from './trigger.ts';
import { Workflow } from './workflow.ts';

/** What a function does with its execution's entry in the ledger. */
const [RENEW, LOOK_AND_RENEW] = [['dynamodb:UpdateItem'], ['dynamodb:GetItem', 'dynamodb:UpdateItem']];
const LEDGER_ACTIONS: Record<FunctionName, readonly string[]> = {
  'fetch-csv': LOOK_AND_RENEW,
  'validate-csv': RENEW,
  'judge-csv': RENEW,
  'find-duplicates': RENEW,
  'report-rejects': RENEW,
  'begin-load': LOOK_AND_RENEW,
  'load-to-dynamodb': LOOK_AND_RENEW,
  'reconcile-load': RENEW,
};

export class PipelineStack extends TerraformStack {
  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const name = `csv-pipeline-${environment.name}`;

    // The first version that locks a state in S3 without a table.
    this.addOverride('terraform.required_version', '>= 1.10');
    backend(this, environment);
    awsProvider(this, environment);

    const source = new PrivateBucket(this, 'source', {
      name: `${name}-source-${environment.accountId}`,
      emitsEvents: true,
      deletionProtection: environment.deletionProtection,
      formerVersionDays: environment.formerVersionDays,
    });
    // A bucket of its own, so that nothing the pipeline writes starts it again.
    const reports = new PrivateBucket(this, 'reports', {
      name: `${name}-reports-${environment.accountId}`,
      emitsEvents: false,
      deletionProtection: environment.deletionProtection,
      formerVersionDays: 1,
      expirations: [
        { prefix: 'reports/', days: environment.reportRetentionDays },
        { prefix: 'working/', days: 7 },
      ],
    });
    const datasets = Object.entries(environment.datasets).map(([dataset, prefix]) => ({
      dataset,
      prefix,
      table: keyedTable(this, `${dataset}-table`, {
        name: `${name}-${dataset}`,
        hasSortKey: tableOf(dataset).hasSortKey,
        deletionProtection: environment.deletionProtection,
      }),
    }));
    const ledger = keyedTable(this, 'ledger-table', {
      name: `${name}-ledger`,
      hasSortKey: false,
      deletionProtection: environment.deletionProtection,
    });
    const all = datasets.map(({ prefix }) => prefix);
    const prefixes = all.includes('') ? [''] : all;
    const tables = Object.fromEntries(datasets.map(({ dataset, table }) => [dataset, table.name]));

    const task = (name: FunctionName, variables: Record<string, string>, statements: readonly Statement[]) =>
      new LambdaTask(this, name, {
        environment,
        variables: { SOURCE_BUCKET: source.name, LEDGER_TABLE: ledger.name, ...variables },
        statements: [...statements, allow(LEDGER_ACTIONS[name], [ledger.arn])],
      }).arn;

    const readSource = [
      // A version of an object is read with a permission of its own.
      allow(
        ['s3:GetObject', 's3:GetObjectVersion'],
        prefixes.map((prefix) => `${source.arn}/${prefix}*`),
      ),
      // Without it S3 answers 403 for an object that does not exist, not 404.
      allow(['s3:ListBucket'], [source.arn]),
    ];
    // To find the lists of rows that lose to later ones.
    const listWork: Statement = {
      ...allow(['s3:ListBucket'], [reports.arn]),
      Condition: { StringLike: { 's3:prefix': 'working/*' } },
    };
    const readWork = allow(['s3:GetObject'], [`${reports.arn}/working/*`]);
    const writeWork = allow(['s3:PutObject'], [`${reports.arn}/working/*`]);
    // What is unpacked is uploaded in parts.
    const uploadWork = allow(['s3:PutObject', 's3:AbortMultipartUpload'], [`${reports.arn}/working/*`]);
    // For those that count rows.
    const counting = { ENVIRONMENT: environment.name };
    const functionArns: Record<FunctionName, string> = {
      'fetch-csv': task(
        'fetch-csv',
        {
          REPORTS_BUCKET: reports.name,
          PREFIXES: JSON.stringify(environment.datasets),
          MAX_CHUNKS: String(maxChunks(environment.mapMode)),
          MAX_DECOMPRESSED_BYTES: String(environment.maxDecompressedGigabytes * 1e9),
        },
        [...readSource, uploadWork],
      ),
      'validate-csv': task('validate-csv', { REPORTS_BUCKET: reports.name }, [
        ...readSource,
        readWork,
        writeWork,
      ]),
      'judge-csv': task(
        'judge-csv',
        {
          LOAD_CONCURRENCY: String(loadConcurrency(environment)),
          ...(environment.maxWritesPerSecond !== undefined && {
            MAX_WRITES_PER_SECOND: String(environment.maxWritesPerSecond),
          }),
        },
        readSource,
      ),
      'find-duplicates': task('find-duplicates', { REPORTS_BUCKET: reports.name }, [readWork, writeWork]),
      'report-rejects': task('report-rejects', { REPORTS_BUCKET: reports.name, ...counting }, [
        ...readSource,
        readWork,
        listWork,
        writeWork,
        allow(['s3:PutObject', 's3:AbortMultipartUpload'], [`${reports.arn}/reports/*`]),
      ]),
      'begin-load': task('begin-load', {}, []),
      'load-to-dynamodb': task(
        'load-to-dynamodb',
        { REPORTS_BUCKET: reports.name, TABLES: JSON.stringify(tables) },
        [
          ...readSource,
          readWork,
          listWork,
          allow(
            ['dynamodb:BatchWriteItem'],
            datasets.map(({ table }) => table.arn),
          ),
        ],
      ),
      'reconcile-load': task('reconcile-load', { REPORTS_BUCKET: reports.name, ...counting }, [
        allow(['s3:GetObject', 's3:PutObject'], [`${reports.arn}/reports/*`]),
        allow(['s3:DeleteObject'], [`${reports.arn}/working/*`]),
      ]),
    };

    const workflow = new Workflow(this, 'workflow', { environment, functionArns });
    const trigger = new Trigger(this, 'trigger', {
      environment,
      bucketName: source.name,
      stateMachineArn: workflow.arn,
    });
    const alarms = new Alarms(this, 'alarms', {
      environment,
      stateMachineArn: workflow.arn,
      deadLetterQueueName: trigger.deadLetterQueueName,
    });
    new Dashboard(this, 'dashboard', {
      environment,
      stateMachineArn: workflow.arn,
      deadLetterQueueName: trigger.deadLetterQueueName,
      tableNames: { ...tables, ledger: ledger.name },
    });

    new TerraformOutput(this, 'StateMachineArn', { value: workflow.arn });
    new TerraformOutput(this, 'BucketName', { value: source.name });
    // The first dataset's, for those who have one.
    new TerraformOutput(this, 'TableName', { value: datasets[0]?.table.name });
    new TerraformOutput(this, 'Datasets', {
      // As a token, since cdktf asks of a plain object what Node.js no longer likes to be asked.
      value: Token.asString(
        Object.fromEntries(
          datasets.map(({ dataset, prefix, table }) => [dataset, { prefix, table: table.name }]),
        ),
      ),
    });
    new TerraformOutput(this, 'LedgerTableName', { value: ledger.name });
    new TerraformOutput(this, 'ReportsBucketName', { value: reports.name });
    new TerraformOutput(this, 'AlarmTopicArn', { value: alarms.topicArn });
  }

  /**
   * Names a resource by the path of its construct: `aws_s3_bucket.source_bucket`, without the hash that cdktf adds.
   * No id in this program has an underscore in it, so no two paths give one name.
   */
  protected override allocateLogicalId(element: TerraformElement | Construct['node']): string {
    const node = TerraformElement.isTerraformElement(element) ? element.node : element;
    const path = node.scopes.slice(node.scopes.indexOf(this) + 1);
    return path.map((construct) => construct.node.id).join('_');
  }
}
