/** The whole pipeline: creates its parts and connects them. */

import { Construct } from 'constructs';
import { TerraformOutput, Token } from '#cdktf';
import { loadConcurrency, maxChunks } from '../asl/limits.ts';
import { byFunction, FUNCTIONS, type FunctionName } from '../asl/pipeline.ts';
import { tableOf } from '../datasets/index.ts';
import { outcomesOf } from '../functions/core/dataset/load.ts';
import { attributesOf } from '../functions/core/dataset/shape/table-key.ts';
import type { EnvironmentOf, SettingsOf } from '../functions/core/runtime/manifest.ts';
import { type CommonSettings, schemasOf, toVariables } from '../functions/core/runtime/settings.ts';
import type { Bundles } from './bundle/bundle.ts';
import { type Resources, statementsFor } from './capabilities.ts';
import { EncryptionKey, type EncryptionSettings, useOfKey } from './data-protection.ts';
import { keyedTable } from './keyed-table.ts';
import { LambdaTask, type LambdaTaskSettings } from './lambda-task.ts';
import { type AlarmSettings, Alarms } from './monitoring/alarms.ts';
import { Dashboard } from './monitoring/dashboard.ts';
import { type NotificationSettings, Notifications } from './monitoring/notifications.ts';
import { PrivateBucket } from './private-bucket.ts';
import { Trigger, type TriggerSettings } from './trigger.ts';
import { Workflow, type WorkflowSettings } from './workflow.ts';

/** Turns a union of types into their intersection. */
type All<Union> = (Union extends unknown ? (member: Union) => void : never) extends (
  member: infer Members,
) => void
  ? Members
  : never;

type Functions = typeof FUNCTIONS;

/** The settings of all functions, whose values the construct determines. */
type FunctionSettings = CommonSettings &
  All<{ [Name in FunctionName]: SettingsOf<Functions[Name]> }[FunctionName]>;

/** The functions' settings that the construct's user chooses. */
type ChosenSettings = All<{ [Name in FunctionName]: EnvironmentOf<Functions[Name]> }[FunctionName]>;

interface OwnSettings {
  /** Part of every resource's name, after `csv-pipeline-`. */
  readonly name: string;
  /** The prefix of the keys of each dataset's files, by dataset name. */
  readonly datasets: Readonly<Partial<Record<string, string>>>;
  /** Days after which reports of rejected rows are deleted. */
  readonly reportRetentionDays: number;
  /** Days after which what a failed execution has left is deleted. */
  readonly workingDays: number;
  /** Days for which noncurrent versions of source objects are kept. */
  readonly formerVersionDays: number;
  /** Whether Terraform refuses to destroy buckets, tables and the key. */
  readonly deletionProtection: boolean;
  /** The functions' zips, as `bundleFunctions` returns them. */
  readonly bundles: Bundles;
}

export type CsvPipelineProps = OwnSettings &
  ChosenSettings &
  LambdaTaskSettings &
  WorkflowSettings &
  TriggerSettings &
  AlarmSettings &
  NotificationSettings &
  EncryptionSettings;

export class CsvPipeline extends Construct {
  constructor(scope: Construct, id: string, props: CsvPipelineProps) {
    super(scope, id);
    const { accountId, deletionProtection } = props;
    const name = `csv-pipeline-${props.name}`;
    const { arn: keyArn } = new EncryptionKey(this, 'encryption', { ...props, name });
    const shared = { ...props, name, keyArn };

    const source = new PrivateBucket(this, 'source', {
      name: `${name}-source-${accountId}`,
      emitsEvents: true,
      deletionProtection,
      formerVersionDays: props.formerVersionDays,
      keyArn,
    });
    // A separate bucket, so that nothing the pipeline writes can start it again.
    const reports = new PrivateBucket(this, 'reports', {
      name: `${name}-reports-${accountId}`,
      emitsEvents: false,
      deletionProtection,
      formerVersionDays: 1,
      expirations: [
        { prefix: 'reports/', days: props.reportRetentionDays },
        // A redrive reads what the first attempt wrote. Without its lists of duplicates, it would load them.
        { prefix: 'working/', days: props.workingDays },
      ],
      keyArn,
    });
    const datasets = Object.entries(props.datasets).map(([dataset, prefix = '']) => {
      const { key, indexes, ttl, load } = tableOf(dataset);
      const table = keyedTable(this, `${dataset}-table`, {
        name: `${name}-${dataset}`,
        key: attributesOf(key),
        indexes: indexes.map((index) => ({ ...index, key: attributesOf(index.key) })),
        ttl,
        deletionProtection,
        keyArn,
      });
      return { dataset, prefix, load, table };
    });
    const ledger = keyedTable(this, 'ledger-table', {
      name: `${name}-ledger`,
      key: [{ name: 'pk', type: 'S' }],
      deletionProtection,
      keyArn,
    });
    const tables = Object.fromEntries(datasets.map(({ dataset, table }) => [dataset, table.name]));

    const settings: FunctionSettings = {
      ...props,
      environment: props.name,
      sourceBucket: source.name,
      ledgerTable: ledger.name,
      reportsBucket: reports.name,
      prefixes: Object.fromEntries(datasets.map(({ dataset, prefix }) => [dataset, prefix])),
      tables,
      maxChunks: maxChunks(props.mapMode),
      loadConcurrency: loadConcurrency(props),
    };
    const resources: Resources = {
      sourceBucket: source.arn,
      prefixes: datasets.map(({ prefix }) => prefix),
      reportsBucket: reports.arn,
      tables: datasets.map(({ table, load }) => ({
        arn: table.arn,
        actions: load.actions,
        hasIndex: load.feed !== undefined,
        removes: load.maxRemoved !== undefined,
      })),
      ledger: ledger.arn,
    };
    const functions = byFunction(
      (each) =>
        new LambdaTask(this, each, {
          ...shared,
          bundle: props.bundles[each],
          variables: toVariables(schemasOf(FUNCTIONS[each]), settings),
          statements: [
            ...statementsFor(FUNCTIONS[each].capabilities, resources),
            ...useOfKey({ keyArn }, props.region),
          ],
        }),
    );

    const workflow = new Workflow(this, 'workflow', {
      ...shared,
      functions,
      sourceBucket: source.name,
      reportsBucket: reports.name,
    });
    const trigger = new Trigger(this, 'trigger', {
      ...shared,
      bucketName: source.name,
      stateMachineArn: workflow.arn,
    });
    const watched = { stateMachineArn: workflow.arn, deadLetterQueueName: trigger.deadLetterQueueName };
    const alarms = new Alarms(this, 'alarms', { ...shared, ...watched });
    new Notifications(this, 'notifications', { ...shared, stateMachineArn: workflow.arn });
    new Dashboard(this, 'dashboard', {
      ...watched,
      name,
      region: props.region,
      environment: props.name,
      datasets: datasets.map(({ dataset, load }) => ({ name: dataset, outcomes: outcomesOf(load) })),
      tableNames: { ...tables, ledger: ledger.name },
    });

    new TerraformOutput(this, 'StateMachineArn', { value: workflow.arn });
    new TerraformOutput(this, 'BucketName', { value: source.name });
    // The first dataset's table, for environments with a single dataset.
    new TerraformOutput(this, 'TableName', { value: datasets[0]?.table.name });
    new TerraformOutput(this, 'Datasets', {
      // A token, because cdktf calls a method that Node.js deprecates on plain objects.
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
}
