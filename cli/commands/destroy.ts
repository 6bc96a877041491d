import { environment } from '../../environments/index.ts';
import { autoApproveOption, environmentOption } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

export const destroy = new Subcommand('destroy', 'Destroys an environment, with its data.')
  .addOption(environmentOption('the environment to destroy', { previews: true }).makeOptionMandatory())
  .addOption(autoApproveOption)
  .does(async ({ env, autoApprove = false }: { env: string; autoApprove?: boolean }) => {
    const settings = environment(env);
    const [{ proposeDestroy }, { applyProposal, showProposal }] = await Promise.all([
      import('../../deploy/propose.ts'),
      import('../proposal.ts'),
    ]);
    const proposal = await proposeDestroy(settings);
    // Destroying the environment means losing its data.
    showProposal(proposal, true);
    return applyProposal(proposal, autoApprove);
  });
