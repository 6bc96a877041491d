/** A hand-written synthesized stack whose functions have a few lines each. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';

export interface Fixture {
  /** The source of each function's `index.js` (CommonJS), by the function's name. */
  readonly functions?: Readonly<Record<string, string>>;
  readonly memoryMb?: number;
  readonly timeoutSeconds?: number;
  readonly definition?: object;
}

/** A task of a fixture's definition. `changes` are the fields that differ from other tasks. */
export function invoke(name: string, changes: object = {}) {
  return {
    Type: 'Task',
    Resource: `\${aws_lambda_function.${name}.qualified_arn}`,
    TimeoutSeconds: 30,
    End: true,
    ...changes,
  };
}

/** The content of `cdk.tf.json`. */
export function stackJson(fixture: Fixture = {}) {
  const { functions = {}, memoryMb = 128, timeoutSeconds = 20 } = fixture;
  const definition = fixture.definition ?? { StartAt: 'Done', States: { Done: { Type: 'Succeed' } } };
  return {
    provider: { aws: [{ region: 'eu-central-1', allowed_account_ids: ['123456789012'] }] },
    output: {
      BucketName: { value: '${aws_s3_bucket.source.bucket}' },
      ReportsBucketName: { value: 'reports' },
      Datasets: { value: { results: { prefix: '', table: '${aws_dynamodb_table.results.name}' } } },
    },
    resource: {
      aws_lambda_function: Object.fromEntries(
        Object.keys(functions).map((name) => [
          name,
          {
            function_name: `stack-${name}`,
            filename: `assets/${name}.zip`,
            handler: 'index.handler',
            publish: true,
            runtime: 'nodejs24.x',
            memory_size: memoryMb,
            timeout: timeoutSeconds,
            environment: { variables: { BUCKET: '${aws_s3_bucket.source.bucket}' } },
          },
        ]),
      ),
      aws_s3_bucket: { source: { bucket: 'source' }, reports: { bucket: 'reports' } },
      aws_s3_bucket_versioning: {
        source: { bucket: 'source', versioning_configuration: { status: 'Enabled' } },
      },
      aws_s3_bucket_notification: {
        source: { bucket: '${aws_s3_bucket.source.bucket}', eventbridge: true },
      },
      aws_dynamodb_table: {
        results: {
          name: 'results',
          billing_mode: 'PAY_PER_REQUEST',
          hash_key: 'pk',
          attribute: [{ name: 'pk', type: 'S' }],
        },
      },
      aws_sfn_state_machine: {
        machine: {
          name: 'machine',
          role_arn: '${aws_iam_role.machine.arn}',
          definition: JSON.stringify(definition),
        },
      },
      aws_cloudwatch_event_rule: {
        rule: {
          name: 'rule',
          event_pattern: JSON.stringify({ detail: { object: { key: [{ suffix: '.csv' }] } } }),
        },
      },
      aws_cloudwatch_event_target: {
        target: {
          arn: '${aws_sfn_state_machine.machine.arn}',
          rule: '${aws_cloudwatch_event_rule.rule.name}',
          role_arn: '${aws_iam_role.machine.arn}',
          target_id: 'machine',
          input_path: '$.detail',
        },
      },
      aws_iam_role: { machine: { name: 'machine' } },
    },
  };
}

/** Writes a stack as `cdktf synth` would: `cdk.tf.json` and the zips. */
export function writeStack(folder: string, json: object, functions: Fixture['functions'] = {}): string {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(json));
  for (const [name, source] of Object.entries(functions)) {
    writeFileSync(join(folder, 'assets', `${name}.zip`), zipSync({ 'index.js': strToU8(source) }));
  }
  return folder;
}
