import type { EnvironmentInput } from './schema.ts';

/** Production: its state is in an HCP Terraform workspace, and its data is protected from deletion. */
export const prod: EnvironmentInput = {
  name: 'prod',
  accountId: '444455556666',
  region: 'eu-central-1',
  backend: { type: 'cloud', organization: 'example', workspace: 'csv-pipeline-prod' },
  mapMode: 'DISTRIBUTED',
  maxConcurrency: 100,
  executionTimeoutMinutes: 360,
  logRetentionDays: 365,
  reportRetentionDays: 365,
  formerVersionDays: 90,
  deletionProtection: true,
  permissionsBoundary: 'arn:aws:iam::444455556666:policy/csv-pipeline-prod-boundary',
  alarmSubscriptions: [{ protocol: 'email', endpoint: 'data-oncall@example.com' }],
  notifications: [{ on: ['rejected', 'failed'], protocol: 'email', endpoint: 'data-team@example.com' }],
  tags: { 'cost-center': 'data' },
};
