/** Options that several commands share. */

import { InvalidArgumentError, Option } from 'commander';
import { datasetNames } from '../datasets/index.ts';
import { environmentNames } from '../environments/index.ts';
import { PREVIEW } from '../environments/preview.ts';
import { unlistedDatasets } from '../environments/unlisted.ts';

/** `--env`: the name of an environment, or of a preview if previews are allowed. */
export function environmentOption(description: string, { previews }: { previews: boolean }): Option {
  const choices = previews ? [...environmentNames, 'pr-NUMBER'] : environmentNames;
  return new Option('--env <name>', description).choices(choices).argParser((name) => {
    if (environmentNames.includes(name) || (previews && PREVIEW.test(name))) return name;
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  });
}

/** `--dataset`: the name of a dataset. */
export const datasetOption = new Option(
  '--dataset <name>',
  "the file's dataset; by default the one without a prefix",
)
  .choices(datasetNames)
  .argParser((name) => {
    if (datasetNames.includes(name)) return name;
    throw new InvalidArgumentError(`Allowed choices are ${datasetNames.join(', ')}${unlistedDatasets()}.`);
  });

/** `--json`: prints the result as one line of JSON, for programs. */
export const jsonOption = new Option('--json', 'print the result as JSON, and nothing else');

/** `--auto-approve`: for CI, where nobody can answer. */
export const autoApproveOption = new Option('--auto-approve', 'apply without asking');

/** `--allow-data-loss`: for a plan that destroys or replaces buckets or tables. */
export const allowDataLossOption = new Option(
  '--allow-data-loss',
  'accept that buckets or tables are destroyed or replaced',
);

/** @throws InvalidArgumentError if the value is not a whole number above 0. */
export function wholeNumber(value: string): number {
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

/** `--execution`: the ARN of an execution on AWS. */
export const executionOption = new Option('--execution <arn>', 'ARN of the execution')
  .makeOptionMandatory()
  .argParser((arn) => {
    // The ARN of a Map's child does not match: children are part of their execution's report.
    if (/^arn:[\w-]+:states:[\w-]+:\d{12}:execution:[^:/]+:[^:]+$/.test(arn)) return arn;
    throw new InvalidArgumentError('It must look like arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME.');
  });
