/** The AWS provider of a stack: the only account and the region that it may change, or the settings for an emulator. */

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
      // AWS rejects these credentials. The provider reads the emulator's address from AWS_ENDPOINT_URL.
      accessKey: 'test',
      secretKey: 'test',
      // Bucket names as host names would need DNS entries.
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
    // Overrides the version that the bindings pin.
    stack.addOverride('terraform.required_providers.aws.version', settings.awsProviderVersion);
  }
}

/** The functions' runtime: Node.js 24, or the newest one that version 5 of the provider accepts. */
export function nodeRuntime({ awsProviderVersion }: Pick<Environment, 'awsProviderVersion'>): string {
  return awsProviderVersion?.startsWith('5.') ? 'nodejs22.x' : 'nodejs24.x';
}
