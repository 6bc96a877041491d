import { openFile } from '../../report/terminal/open.ts';
import { printResult } from '../../report/terminal/print.ts';
import { DONE } from '../exit-codes.ts';
import { executionOption } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

export const report = new Subcommand('report', 'Writes a page that shows an execution on AWS.')
  .addOption(executionOption)
  .option('--open', 'open the page in a browser')
  .does(async ({ execution, open }: { execution: string; open?: boolean }) => {
    const { writeReport } = await import('../../aws/report.ts');
    const written = await writeReport(execution);
    printResult(
      written,
      ({ status, name, page }) => `${status}  ${name}\nOpen the report in a browser: ${page}\n`,
    );
    if (open) openFile(written.page);
    return DONE;
  });
