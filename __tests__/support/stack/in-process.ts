import { Testing } from '#cdktf';
import { byFunction } from '../../../asl/pipeline.ts';
import { PipelineStack } from '../../../constructs/pipeline-stack.ts';
import { environment } from '../../../environments/index.ts';
import { checkEnvironment, type EnvironmentInput } from '../../../environments/schema.ts';
import type { StackJson } from './stack.ts';

/** The stack of `prod` with this encryption, and without code. */
export function prodWith(encryption: EnvironmentInput['encryption']): StackJson {
  const settings = checkEnvironment({ ...environment('prod'), encryption });
  const bundles = byFunction(() => ({ zip: new Uint8Array(), sha256: '' }));
  return JSON.parse(Testing.synth(new PipelineStack(Testing.app(), 'csv-pipeline-prod', settings, bundles)));
}
