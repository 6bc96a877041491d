/** Roles that AWS services assume, and their policies. */

import type { Construct } from 'constructs';
import { IamRole } from '#aws/iam-role';
import { IamRolePoliciesExclusive } from '#aws/iam-role-policies-exclusive';
import { IamRolePolicy } from '#aws/iam-role-policy';
import { IamRolePolicyAttachmentsExclusive } from '#aws/iam-role-policy-attachments-exclusive';

/** A statement of an IAM policy, as in its JSON. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | { readonly Service: string } | { readonly AWS: string };
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export function allow(actions: readonly string[], resources: readonly string[]): Statement {
  return { Effect: 'Allow', Action: actions, Resource: resources };
}

/** A statement for a resource-based policy that denies every request without TLS. */
export function denyPlainText(service: 's3' | 'sqs', resources: readonly string[]): Statement {
  return {
    Sid: 'DenyPlainText',
    Effect: 'Deny',
    Principal: '*',
    Action: `${service}:*`,
    Resource: resources,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

export function policyDocument(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** For `*`, because X-Ray does not support resource-level permissions. */
export const tracing: Statement = allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']);

export interface RoleSettings {
  /** The ARN of a policy that limits what the role may ever do, whatever its own policy says. */
  readonly permissionsBoundary?: string | undefined;
}

export interface ServiceRoleProps extends RoleSettings {
  readonly name: string;
  /** The service that assumes the role, such as `lambda.amazonaws.com`. */
  readonly service: string;
  /** The only account on whose behalf the service may assume it. Lambda does not support this condition. */
  readonly sourceAccount?: string;
  /** The only resource for which the service may assume it. */
  readonly sourceArn?: string;
  readonly statements: readonly Statement[];
}

/**
 * A role and its only policy. Whatever uses the role must depend on the policy, or it may start without permissions.
 */
export function serviceRole(scope: Construct, props: ServiceRoleProps) {
  const trust: Statement = {
    Effect: 'Allow',
    Principal: { Service: props.service },
    Action: 'sts:AssumeRole',
    ...(props.sourceAccount !== undefined && {
      Condition: {
        StringEquals: { 'aws:SourceAccount': props.sourceAccount },
        ...(props.sourceArn !== undefined && { ArnEquals: { 'aws:SourceArn': props.sourceArn } }),
      },
    }),
  };
  const role = new IamRole(scope, 'role', {
    name: props.name,
    assumeRolePolicy: policyDocument([trust]),
    ...(props.permissionsBoundary !== undefined && { permissionsBoundary: props.permissionsBoundary }),
  });
  const policy = new IamRolePolicy(scope, 'policy', {
    name: 'permissions',
    role: role.name,
    policy: policyDocument(props.statements),
  });
  // Any policy that someone adds to the role by hand shows up as drift, and the next deploy removes it.
  new IamRolePoliciesExclusive(scope, 'only-policy', { roleName: role.name, policyNames: [policy.name] });
  new IamRolePolicyAttachmentsExclusive(scope, 'no-attachments', { roleName: role.name, policyArns: [] });
  return { role, policy };
}
