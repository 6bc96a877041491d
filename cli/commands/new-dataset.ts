import type { NewDatasetOptions } from '../../tools/new-dataset/new-dataset.ts';
import { DONE } from '../exit-codes.ts';
import { Subcommand } from '../subcommand.ts';

export const newDataset = new Subcommand(
  'new-dataset',
  'Writes a first dataset, guessed from a sample of its files, for a person to continue with.',
)
  .argument('<file>', 'the sample, a CSV file')
  .option('--name <name>', "the dataset's name; by default it is made of the file's name")
  .option('--out <file>', 'where to write it; datasets/NAME.ts by default')
  .does(async (file: string, options: NewDatasetOptions) => {
    const { newDataset, summary } = await import('../../tools/new-dataset/new-dataset.ts');
    process.stdout.write(summary(await newDataset(file, options), file));
    return DONE;
  });
