import { printResult } from '../../report/terminal/print.ts';
import { DONE } from '../exit-codes.ts';
import { jsonOption } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

interface Options {
  readonly out: string;
  readonly json?: boolean;
}

export const merge = new Subcommand(
  'merge',
  'Puts the corrected rows of a report back into the file that was refused.',
)
  .argument('<file>', 'the CSV file that was uploaded')
  .argument('<reports...>', 'its reports of rejected rows, corrected')
  .requiredOption('--out <file>', 'the file to write; an existing file is not overwritten')
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: csv-pipeline merge orders.csv rejected.csv --out fixed.csv')
  .does(async (file: string, reports: string[], { out, json }: Options) => {
    const [{ mergeReports }, { mergeSummary }] = await Promise.all([
      import('../../tools/merge/merge.ts'),
      import('../../tools/merge/print-merge.ts'),
    ]);
    printResult(await mergeReports(file, reports, out), mergeSummary, json);
    return DONE;
  });
