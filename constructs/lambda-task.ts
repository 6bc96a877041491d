/** A Lambda function that is a task of the workflow, with a role and a log group of its own. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js';
import { App, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import type { FunctionName } from '../asl/pipeline.ts';
import type { Environment } from '../environments/schema.ts';
import { nodeRuntime } from './aws-provider.ts';
import type { Bundle } from './bundle/bundle.ts';
import { allow, type Statement, serviceRole, tracing } from './iam.ts';

export interface LambdaTaskProps {
  readonly environment: Environment;
  readonly bundle: Bundle;
  /** What the function's code reads from its environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the function may do, beyond writing its log and its traces. */
  readonly statements: readonly Statement[];
}

export class LambdaTask extends Construct {
  readonly arn: string;

  /** @param id the name of the function's folder under `functions/` */
  constructor(scope: Construct, id: FunctionName, props: LambdaTaskProps) {
    super(scope, id);
    const { environment, bundle } = props;
    const functionName = `csv-pipeline-${environment.name}-${id}`;

    const logGroup = new CloudwatchLogGroup(this, 'log-group', {
      name: `/aws/lambda/${functionName}`,
      retentionInDays: environment.logRetentionDays,
    });
    const { role, policy } = serviceRole(this, {
      name: functionName,
      service: 'lambda.amazonaws.com',
      statements: [
        ...props.statements,
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${logGroup.arn}:*`]),
        tracing,
      ],
    });
    this.arn = new LambdaFunction(this, 'function', {
      functionName,
      role: role.arn,
      filename: this.writeAsset(`${id}.zip`, bundle.zip),
      sourceCodeHash: bundle.sha256,
      handler: 'index.handler',
      runtime: nodeRuntime(environment),
      architectures: ['arm64'],
      memorySize: environment.functionMemoryMb,
      timeout: environment.functionTimeoutSeconds,
      environment: {
        variables: {
          // Mebibytes of each half of the young generation, in which what is read lies until it is collected: without a
          // bound it grows the longer a function reads. The figures are in docs/scale.md.
          NODE_OPTIONS: '--max-semi-space-size=16',
          POWERTOOLS_SERVICE_NAME: 'csv-pipeline',
          ...props.variables,
        },
      },
      tracingConfig: { mode: 'Active' },
      // Lambda would create the log group itself, without a retention, and run before it may do anything.
      dependsOn: [logGroup, policy],
    }).arn;
  }

  /**
   * Puts a file into the stack's own folder, which is all that a remote run of Terraform gets to see.
   * @returns its path from that folder on
   */
  private writeAsset(name: string, contents: Uint8Array): string {
    const app = App.of(this);
    const { workingDirectory } = app.manifest.forStack(TerraformStack.of(this));
    const folder = path.join(app.outdir, workingDirectory, 'assets');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, name), contents);
    return `assets/${name}`;
  }
}
