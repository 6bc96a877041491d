/** The state machine, its role and its log. */

import { Construct } from 'constructs';
import { CloudwatchLogGroup } from '#aws/cloudwatch-log-group';
import { SfnStateMachine } from '#aws/sfn-state-machine';
import type { MapMode } from '../asl/language/index.ts';
import { type PipelineSettings, pipeline } from '../asl/pipeline.ts';
import { allow, type Statement, serviceRole, tracing } from './iam.ts';

export interface WorkflowSettings {
  readonly accountId: string;
  readonly region: string;
  /** INLINE keeps every chunk in one history; DISTRIBUTED gives each chunk an execution of its own. */
  readonly mapMode: MapMode;
  /** Chunks that are validated at once. */
  readonly maxConcurrency: number;
  readonly executionTimeoutMinutes: number;
  readonly functionTimeoutSeconds: number;
  readonly logRetentionDays: number;
}

export interface WorkflowProps extends WorkflowSettings {
  readonly name: string;
  readonly functionArns: PipelineSettings['functionArns'];
}

/**
 * What Step Functions needs to deliver its log. These actions know no permissions on a single resource, so they are
 * for `*`; source: "Logging using CloudWatch Logs" in the Step Functions developer guide.
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

/** What X-Ray asks of Step Functions beyond sending traces; for `*`, as it knows no permissions on a resource. */
const sampling: Statement = allow(['xray:GetSamplingRules', 'xray:GetSamplingTargets'], ['*']);

export class Workflow extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const { name, functionArns } = props;

    const logGroup = new CloudwatchLogGroup(this, 'log-group', {
      // Groups under this prefix do not count towards the limit on resource policies of CloudWatch Logs.
      name: `/aws/vendedlogs/states/${name}`,
      retentionInDays: props.logRetentionDays,
    });
    const { role, policy } = serviceRole(this, {
      name,
      service: 'states.amazonaws.com',
      sourceAccount: props.accountId,
      statements: [
        allow(['lambda:InvokeFunction'], Object.values(functionArns)),
        ...(props.mapMode === 'DISTRIBUTED' ? childExecutions(props) : []),
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
        pipeline({ ...props, executionTimeoutSeconds: props.executionTimeoutMinutes * 60 }),
      ),
      loggingConfiguration: {
        level: 'ALL',
        includeExecutionData: false,
        logDestination: `${logGroup.arn}:*`,
      },
      tracingConfiguration: { enabled: true },
      // AWS refuses to create a machine whose role may not deliver its log.
      dependsOn: [policy],
    }).arn;
  }
}

/**
 * A DISTRIBUTED Map runs each iteration as an execution of the same machine. The ARNs are spelt out, because a
 * reference to the machine in its own role's policy would be a cycle.
 */
function childExecutions({ region, accountId, name }: WorkflowProps): Statement[] {
  const execution = `arn:aws:states:${region}:${accountId}:execution:${name}`;
  return [
    allow(['states:StartExecution'], [`arn:aws:states:${region}:${accountId}:stateMachine:${name}`]),
    allow(['states:DescribeExecution', 'states:StopExecution'], [`${execution}:*`]),
    allow(['states:RedriveExecution'], [`${execution}/*`]),
  ];
}
