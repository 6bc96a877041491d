/** The bucket for Terraform's states. */

import type { Construct } from 'constructs';
import { TerraformStack } from '#cdktf';
import type { StateSettings } from '../environments/schema.ts';
import { awsProvider } from './aws-provider.ts';
import { backend } from './backend.ts';
import { PrivateBucket } from './private-bucket.ts';

/** Days for which a former state can be restored. */
const FORMER_STATE_DAYS = 90;

/** Its own state is a local file, because this stack must exist before the bucket does. */
export class StateStack extends TerraformStack {
  constructor(scope: Construct, id: string, settings: StateSettings) {
    super(scope, id);
    this.addOverride('terraform.required_version', '>= 1.10');
    backend(this, { backend: { type: 'local' }, emulated: settings.emulated });
    awsProvider(this, { ...settings, name: 'state', tags: {} });
    new PrivateBucket(this, 'state', {
      name: settings.bucket,
      emitsEvents: false,
      deletionProtection: true,
      formerVersionDays: FORMER_STATE_DAYS,
    });
  }
}
