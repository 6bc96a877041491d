import { environment } from '../../environments/index.ts';
import { printResult } from '../../report/terminal/print.ts';
import { DIFFERENT, DONE } from '../exit-codes.ts';
import { environmentOption, jsonOption } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

export const drift = new Subcommand('drift', 'Shows what differs between an environment and AWS.')
  .addOption(environmentOption('the environment to check', { previews: true }).makeOptionMandatory())
  .addOption(jsonOption)
  .reportsDifferences()
  .does(async ({ env, json }: { env: string; json?: boolean }) => {
    const settings = environment(env);
    const [{ Stack }, { driftTable }] = await Promise.all([
      import('../../deploy/stack.ts'),
      import('../../deploy/print-drift.ts'),
    ]);
    const stack = await Stack.prepare(settings);
    const found = await stack.drift();
    printResult(found, driftTable, json);
    return found.length === 0 ? DONE : DIFFERENT;
  });
