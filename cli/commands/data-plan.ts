import { datasetOption, environmentOption, jsonOption } from '../options.ts';
import { type PlanOptions, showPlan } from '../planned-file.ts';
import { Subcommand } from '../subcommand.ts';

export const dataPlan = new Subcommand(
  'data-plan',
  'Shows what loading a CSV file would change in its table; writes nothing.',
)
  .argument('<file>', 'the CSV file')
  .addOption(environmentOption('the environment to load into', { previews: true }).makeOptionMandatory())
  .addOption(datasetOption)
  .option('--key <key>', "the key in the source bucket; by default the dataset's prefix and the file's name")
  .addOption(jsonOption)
  .reportsDifferences()
  .addHelpText('after', '\nExample: csv-pipeline data-plan orders.csv --dataset orders --env prod')
  .does((file: string, options: PlanOptions) =>
    showPlan(file, options, async (settings) => {
      const { uploadResources } = await import('../../aws/uploads/resources.ts');
      return uploadResources(settings);
    }),
  );
