/** Where Terraform keeps the state of a stack. */

import {
  CloudBackend,
  LocalBackend,
  NamedCloudWorkspace,
  S3Backend,
  TaggedCloudWorkspaces,
  type TerraformStack,
} from '#cdktf';
import type { Environment } from '../environments/schema.ts';

export function backend(
  stack: TerraformStack,
  { backend: settings, emulated }: Pick<Environment, 'backend' | 'emulated'>,
): void {
  const name = stack.node.id;
  switch (settings.type) {
    case 'local':
      // Terraform runs in cdktf.out/stacks/NAME, which may be deleted at any time, so the state is kept next to
      // cdktf.out. Without a path, cdktf would write this machine's absolute path into the stack.
      new LocalBackend(stack, { path: `../../../terraform.${name}.tfstate` });
      return;
    case 's3': {
      const s3 = new S3Backend(stack, {
        bucket: settings.bucket,
        region: settings.region,
        key: `${name}/terraform.tfstate`,
        encrypt: true,
        ...(emulated && { accessKey: 'test', secretKey: 'test' }),
      });
      // Locks the state with a file next to it. This class has no property for that; the alternative, a table, is
      // deprecated.
      s3.addOverride('use_lockfile', true);
      if (emulated) s3.addOverride('use_path_style', true);
      return;
    }
    case 'cloud':
      new CloudBackend(stack, {
        organization: settings.organization,
        workspaces:
          typeof settings.workspace === 'string'
            ? new NamedCloudWorkspace(settings.workspace)
            : new TaggedCloudWorkspaces(settings.workspace.tags),
      });
  }
}
