import { environment } from '../../environments/index.ts';
import { DONE } from '../exit-codes.ts';
import { allowDataLossOption, environmentOption } from '../options.ts';
import { Subcommand } from '../subcommand.ts';

export const plan = new Subcommand('plan', 'Shows what a deploy would change, and keeps the plan.')
  .addOption(environmentOption('the environment to plan', { previews: true }).makeOptionMandatory())
  .addOption(allowDataLossOption)
  .does(async ({ env, allowDataLoss = false }: { env: string; allowDataLoss?: boolean }) => {
    const settings = environment(env);
    const [{ proposePlan }, { showProposal }] = await Promise.all([
      import('../../deploy/propose.ts'),
      import('../proposal.ts'),
    ]);
    const proposal = await proposePlan(settings);
    try {
      showProposal(proposal, allowDataLoss);
    } catch (error) {
      // `deploy --planned` must not apply a refused plan.
      await proposal.discard();
      throw error;
    }
    return DONE;
  });
