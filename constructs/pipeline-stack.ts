/** The stack of one environment: its Terraform backend, its provider, and the pipeline. */

import type { Construct } from 'constructs';
import { TerraformElement, TerraformStack } from '#cdktf';
import { redrivableDays } from '../environments/redrive.ts';
import type { Environment } from '../environments/schema.ts';
import { awsProvider, nodeRuntime } from './aws-provider.ts';
import { backend } from './backend.ts';
import type { Bundles } from './bundle/bundle.ts';
import { CsvPipeline } from './csv-pipeline.ts';

export class PipelineStack extends TerraformStack {
  constructor(scope: Construct, id: string, environment: Environment, bundles: Bundles) {
    super(scope, id);
    // The first version that can lock a state in S3 without a table.
    this.addOverride('terraform.required_version', '>= 1.10');
    backend(this, environment);
    awsProvider(this, environment);
    new CsvPipeline(this, 'pipeline', {
      ...environment,
      workingDays: redrivableDays(environment),
      runtime: nodeRuntime(environment),
      bundles,
    });
  }

  /**
   * Names a resource by its construct's path within the pipeline, such as `aws_s3_bucket.source_bucket`, without the
   * hash that cdktf adds. No construct id in this program contains an underscore, so the names are unique.
   */
  protected override allocateLogicalId(element: TerraformElement | Construct['node']): string {
    const { scopes } = TerraformElement.isTerraformElement(element) ? element.node : element;
    const within = scopes.findLastIndex((scope) => scope === this || scope instanceof CsvPipeline);
    return scopes
      .slice(within + 1)
      .map((construct) => construct.node.id)
      .join('_');
  }
}
