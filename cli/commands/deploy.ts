import { environment } from '../../environments/index.ts';
import { DONE } from '../exit-codes.ts';
import { allowDataLossOption, autoApproveOption, environmentOption } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

interface Options {
  readonly env: string;
  readonly autoApprove?: boolean;
  readonly planned?: boolean;
  readonly allowDataLoss?: boolean;
}

export const deploy = new Subcommand('deploy', 'Deploys an environment.')
  .addOption(environmentOption('the environment to deploy', { previews: true }).makeOptionMandatory())
  .addOption(autoApproveOption)
  .option('--planned', 'apply exactly the plan that the command plan kept')
  .addOption(allowDataLossOption)
  .does(async ({ env, autoApprove = false, planned = false, allowDataLoss = false }: Options) => {
    const settings = environment(env);
    const [{ keptProposal, proposeDeploy }, { applyProposal, pruneVersions, showProposal, showWarnings }] =
      await Promise.all([import('../../deploy/propose.ts'), import('../proposal.ts')]);
    const proposal = await (planned ? keptProposal(settings) : proposeDeploy(settings));
    showProposal(proposal, allowDataLoss);
    const code = await applyProposal(proposal, autoApprove || planned);
    if (code !== DONE) return code;
    await pruneVersions(proposal);
    await showWarnings(proposal);
    return DONE;
  });
