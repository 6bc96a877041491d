import { Testing } from '#cdktf';
import { StateStack } from '../../constructs/state-stack.ts';
import { state } from '../../environments/state.ts';

const json = JSON.parse(Testing.synth(new StateStack(Testing.app(), 'csv-pipeline-state', state)));

/** The only resource of a type. */
const only = (type: string) => Object.values(json.resource[type]);

test('the state bucket is versioned, encrypted, protected from deletion, and accessible only over TLS', () => {
  expect(only('aws_s3_bucket')).toEqual([
    expect.objectContaining({
      bucket: state.bucket,
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    }),
  ]);
  expect(only('aws_s3_bucket_versioning')).toMatchObject([
    { versioning_configuration: { status: 'Enabled' } },
  ]);
  expect(only('aws_s3_bucket_server_side_encryption_configuration')).toHaveLength(1);
  expect(JSON.stringify(only('aws_s3_bucket_policy'))).toContain('aws:SecureTransport');
});

test('its own state is a file, and Terraform changes no other account', () => {
  expect(json.terraform.backend).toEqual({
    local: { path: '../../../terraform.csv-pipeline-state.tfstate' },
  });
  expect(json.provider.aws[0]).toMatchObject({
    allowed_account_ids: [state.accountId],
    region: state.region,
  });
});
