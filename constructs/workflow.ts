/** The state machine, its role and its log group. */

import { Construct } from 'constructs';
import { CloudwatchLogGroup } from '#aws/cloudwatch-log-group';
import { SfnStateMachine } from '#aws/sfn-state-machine';
import type { MapMode } from '../asl/language/index.ts';
import { byFunction, type FunctionName, pipeline } from '../asl/pipeline.ts';
import { EVENT_SOURCE } from '../asl/upload-event.ts';
import { type KeySettings, useOfKeyBy } from './data-protection.ts';
import { allow, type RoleSettings, type Statement, serviceRole, tracing } from './iam.ts';
import type { LambdaTask } from './lambda-task.ts';

export interface WorkflowSettings extends RoleSettings {
  readonly accountId: string;
  readonly region: string;
  /** INLINE runs all chunks in one execution's history; DISTRIBUTED runs each chunk as an execution of its own. */
  readonly mapMode: MapMode;
  /** Chunks that are validated at the same time. */
  readonly maxConcurrency: number;
  readonly executionTimeoutMinutes: number;
  readonly functionTimeoutSeconds: number;
  readonly logRetentionDays: number;
}

export interface WorkflowProps extends WorkflowSettings, KeySettings {
  readonly name: string;
  /** The names of buckets. */
  readonly sourceBucket: string;
  readonly reportsBucket: string;
  readonly functions: Readonly<Record<FunctionName, Pick<LambdaTask, 'arn' | 'versionArn'>>>;
}

/**
 * What Step Functions needs to deliver its log; for `*`, because these actions do not support resource-level
 * permissions. Source: "Logging using CloudWatch Logs" in the Step Functions developer guide.
 */
const logDelivery: Statement = allow(
  [
    'logs:CreateLogDelivery',
    'logs:GetLogDelivery',
    'logs:UpdateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:DescribeResourcePolicies',
    'logs:DescribeLogGroups',
  ],
  ['*'],
);

/** What X-Ray requires of Step Functions besides sending traces; for `*`, as in {@link tracing}. */
const sampling: Statement = allow(['xray:GetSamplingRules', 'xray:GetSamplingTargets'], ['*']);

/** Seconds for which Step Functions uses a data key: the maximum, because each new one is a request to KMS. */
const DATA_KEY_SECONDS = 900;

export class Workflow extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const { name, functions } = props;

    const logGroup = new CloudwatchLogGroup(this, 'log-group', {
      // Log groups under this prefix do not count towards the size limit of CloudWatch Logs resource policies.
      name: `/aws/vendedlogs/states/${name}`,
      retentionInDays: props.logRetentionDays,
      ...(props.keyArn !== undefined && { kmsKeyId: props.keyArn }),
    });
    const { role, policy } = serviceRole(this, {
      name,
      service: 'states.amazonaws.com',
      sourceAccount: props.accountId,
      permissionsBoundary: props.permissionsBoundary,
      statements: [
        // Every version, because running and redriven executions keep the definition, and so the versions, that they
        // started with. Without a version, too: definitions from before the functions had versions name none.
        allow(
          ['lambda:InvokeFunction'],
          Object.values(functions).flatMap(({ arn }) => [arn, `${arn}:*`]),
        ),
        ...(props.mapMode === 'DISTRIBUTED' ? childExecutions(props) : []),
        ...useOfKeyBy(props, arnOf(props), `arn:aws:logs:${props.region}:${props.accountId}:*`),
        {
          ...allow(
            ['events:PutEvents'],
            [`arn:aws:events:${props.region}:${props.accountId}:event-bus/default`],
          ),
          Condition: { StringEquals: { 'events:source': EVENT_SOURCE } },
        },
        logDelivery,
        tracing,
        sampling,
      ],
    });
    this.arn = new SfnStateMachine(this, 'state-machine', {
      name,
      type: 'STANDARD',
      roleArn: role.arn,
      definition: JSON.stringify(
        pipeline({
          ...props,
          functionArns: byFunction((each) => functions[each].versionArn),
          executionTimeoutSeconds: props.executionTimeoutMinutes * 60,
        }),
      ),
      loggingConfiguration: {
        level: 'ALL',
        includeExecutionData: false,
        logDestination: `${logGroup.arn}:*`,
      },
      tracingConfiguration: { enabled: true },
      ...(props.keyArn !== undefined && {
        encryptionConfiguration: {
          type: 'CUSTOMER_MANAGED_KMS_KEY',
          kmsKeyId: props.keyArn,
          kmsDataKeyReusePeriodSeconds: DATA_KEY_SECONDS,
        },
      }),
      // AWS refuses to create a state machine whose role may not deliver its log.
      dependsOn: [policy],
    }).arn;
  }
}

/** Spelt out, because a reference to the state machine in its own role's policy would be circular. */
function arnOf({ region, accountId, name }: WorkflowProps): string {
  return `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;
}

/** A DISTRIBUTED Map runs each iteration as an execution of the same state machine. */
function childExecutions(props: WorkflowProps): Statement[] {
  const { region, accountId, name } = props;
  const execution = `arn:aws:states:${region}:${accountId}:execution:${name}`;
  return [
    allow(['states:StartExecution'], [arnOf(props)]),
    allow(['states:DescribeExecution', 'states:StopExecution'], [`${execution}:*`]),
    allow(['states:RedriveExecution'], [`${execution}/*`]),
  ];
}
