/** Runs the dry run and the pipeline on the same file, and compares what they say. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { datasetNamed } from '../../datasets/index.ts';
import { type LocalResult, runFile } from '../../local/run.ts';
import { type CheckResult, checkFile } from '../../tools/check/check-file.ts';
import type { Pipeline } from './pipeline.ts';

export interface Both {
  readonly dry: CheckResult;
  readonly real: LocalResult;
}

/** Runs the dry run and the pipeline on a file. */
export async function both(
  pipeline: Pipeline,
  name: string,
  content: string | Uint8Array,
  dataset = 'results',
): Promise<Both> {
  const file = pipeline.write(name, content);
  const dry = await checkFile(file, { dataset: datasetNamed(dataset), maxDecompressedBytes: 1e9 });
  return { dry, real: await runFile(pipeline.stack, file, { dataset, reports: join(file, '..') }) };
}

/** Compares everything that both report. */
export function expectAgreement({ dry, real }: Both): void {
  expect(dry.accepted).toBe(real.status === 'SUCCEEDED');
  expect(dry.error).toBe(real.status === 'SUCCEEDED' ? null : real.error);
  expect(dry.rejected).toEqual(real.rejected);
  expect(real.report !== null).toBe(dry.accepted || dry.error === 'ValidationError');
  if (real.report === null) return;
  const { detected, read, rejected, duplicates, blank, footer, rejects } = JSON.parse(
    readFileSync(real.report, 'utf8'),
  );
  expect(dry).toMatchObject({ detected, counts: { read, rejected, duplicates, blank, footer }, rejects });
  expect(dry.detected?.ignored_columns).toEqual(detected.ignored_columns);
  expect(dry.rejects).toEqual(rejects);
}
