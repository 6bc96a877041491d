/** The aws provider of a stack: the account and region that it may touch, and where an emulator stands in for AWS. */

import { AwsProvider } from '#aws/provider';
import type { TerraformStack } from '#cdktf';
import type { Environment } from '../environments/schema.ts';

type Settings = Pick<
  Environment,
  'name' | 'accountId' | 'region' | 'tags' | 'emulated' | 'awsProviderVersion'
>;

export function awsProvider(stack: TerraformStack, settings: Settings): void {
  new AwsProvider(stack, 'aws', {
    region: settings.region,
    allowedAccountIds: [settings.accountId],
    ...(settings.emulated && {
      // AWS itself refuses these; the emulator's address is the provider's own business: AWS_ENDPOINT_URL.
      accessKey: 'test',
      secretKey: 'test',
      // Buckets as host names would need a name server of their own.
      s3UsePathStyle: true,
    }),
    defaultTags: [
      {
        tags: {
          project: 'csv-pipeline',
          environment: settings.name,
          'managed-by': 'terraform',
          ...settings.tags,
        },
      },
    ],
  });
  if (settings.awsProviderVersion !== undefined) {
    // The bindings pin the version that they were made for.
    stack.addOverride('terraform.required_providers.aws.version', settings.awsProviderVersion);
  }
}

/** The functions' runtime: Node.js 24, or the newest that the 5th version of the provider knows. */
export function nodeRuntime({ awsProviderVersion }: Pick<Environment, 'awsProviderVersion'>): string {
  return awsProviderVersion?.startsWith('5.') ? 'nodejs22.x' : 'nodejs24.x';
}
