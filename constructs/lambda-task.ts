/** A Lambda function that the workflow invokes, with its role and its log group. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Construct } from 'constructs';
import { CloudwatchLogGroup } from '#aws/cloudwatch-log-group';
import { LambdaFunction } from '#aws/lambda-function';
import { App, TerraformStack } from '#cdktf';
import type { Bundle } from './bundle/bundle.ts';
import type { KeySettings } from './data-protection.ts';
import { allow, type RoleSettings, type Statement, serviceRole, tracing } from './iam.ts';

export interface LambdaTaskSettings extends RoleSettings {
  /** A Lambda runtime such as `nodejs24.x`. */
  readonly runtime: string;
  readonly functionMemoryMb: number;
  readonly functionTimeoutSeconds: number;
  readonly logRetentionDays: number;
  /** Concurrent invocations that are reserved for a function, and that it may not exceed, by its folder's name. */
  readonly reservedConcurrency: Readonly<Partial<Record<string, number>>>;
}

export interface LambdaTaskProps extends LambdaTaskSettings, KeySettings {
  /** Prefix of the function's name. */
  readonly name: string;
  readonly bundle: Bundle;
  /** Environment variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the function may do besides writing its log and its traces. */
  readonly statements: readonly Statement[];
}

export class LambdaTask extends Construct {
  /** Without a version. */
  readonly arn: string;
  /** Of the version that was published last; its code and settings never change. */
  readonly versionArn: string;

  /** @param id the name of the function's folder under `functions/` */
  constructor(scope: Construct, id: string, props: LambdaTaskProps) {
    super(scope, id);
    const functionName = `${props.name}-${id}`;
    const { zip, sha256 } = props.bundle;
    const reserved = props.reservedConcurrency[id];

    const logGroup = new CloudwatchLogGroup(this, 'log-group', {
      name: `/aws/lambda/${functionName}`,
      retentionInDays: props.logRetentionDays,
      ...(props.keyArn !== undefined && { kmsKeyId: props.keyArn }),
    });
    const { role, policy } = serviceRole(this, {
      name: functionName,
      service: 'lambda.amazonaws.com',
      permissionsBoundary: props.permissionsBoundary,
      statements: [
        ...props.statements,
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${logGroup.arn}:*`]),
        tracing,
      ],
    });
    const lambda = new LambdaFunction(this, 'function', {
      functionName,
      role: role.arn,
      filename: this.writeAsset(`${id}.zip`, zip),
      sourceCodeHash: sha256,
      handler: 'index.handler',
      runtime: props.runtime,
      architectures: ['arm64'],
      memorySize: props.functionMemoryMb,
      timeout: props.functionTimeoutSeconds,
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
      environment: {
        variables: {
          // Limits each half of V8's young generation to 16 MiB. Without a limit, it grows with what a function reads;
          // docs/scale.md has the figures.
          NODE_OPTIONS: '--max-semi-space-size=16',
          POWERTOOLS_SERVICE_NAME: 'csv-pipeline',
          ...props.variables,
        },
      },
      tracingConfig: { mode: 'Active' },
      // Publishes a version whenever the code or a setting changes. The provider deletes versions only with the function.
      publish: true,
      // Otherwise Lambda could create the log group itself, without a retention, or run before it has permissions.
      dependsOn: [logGroup, policy],
    });
    this.arn = lambda.arn;
    this.versionArn = lambda.qualifiedArn;
  }

  /**
   * Writes a file into the stack's folder, which is all that a remote Terraform run can see.
   * @returns its path relative to that folder
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
