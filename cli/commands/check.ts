import { datasetNamed } from '../../datasets/index.ts';
import { environment } from '../../environments/index.ts';
import { chooseDataset } from '../../local/choose-dataset.ts';
import { readableSize } from '../../report/terminal/named-file.ts';
import { printResult } from '../../report/terminal/print.ts';
import { DONE, type ExitCode, FAILED } from '../exit-codes.ts';
import { datasetOption, environmentOption, jsonOption } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

export interface DryRunOptions {
  readonly env: string;
  readonly json?: boolean;
  readonly dataset?: string;
}

export const check = new Subcommand(
  'check',
  'Checks a CSV file, and prints what would happen to it; writes nothing.',
)
  .argument('<file>', 'the CSV file')
  .addOption(environmentOption('the environment whose settings apply', { previews: false }).default('local'))
  .addOption(datasetOption)
  .addOption(jsonOption)
  .does(dryRun);

/** The dry run. It starts no processes and writes no files. */
export async function dryRun(file: string, { env, json, dataset }: DryRunOptions): Promise<ExitCode> {
  const [{ checkFile }, { checkSummary }, { FileProgress }] = await Promise.all([
    import('../../tools/check/check-file.ts'),
    import('../../tools/check/print-check.ts'),
    import('../../report/terminal/progress.ts'),
  ]);
  const size = await readableSize(file);
  const { datasets, maxDecompressedGigabytes, maxRows } = environment(env);
  const places = Object.entries(datasets).map(([name, prefix]) => ({ name, prefix }));
  const { name } = chooseDataset(places, dataset);
  const progress = new FileProgress(process.stderr, size);
  try {
    const result = await checkFile(file, {
      dataset: datasetNamed(name),
      maxDecompressedBytes: maxDecompressedGigabytes * 1e9,
      maxRows,
      onProgress: (bytes, rows) => progress.show(bytes, rows),
    });
    progress.stop();
    printResult(result, checkSummary, json);
    return result.accepted ? DONE : FAILED;
  } finally {
    progress.stop();
  }
}
