import { Option } from 'commander';
import { printResult } from '../../report/terminal/print.ts';
import type { NewDatasetOptions } from '../../tools/new-dataset/new-dataset.ts';
import { DONE } from '../exit-codes.ts';
import { Subcommand } from '../subcommand.ts';

export const newDataset = new Subcommand('new-dataset', 'Drafts a dataset from a sample of its files.')
  .argument('<file>', 'the sample, a CSV file')
  .option('--name <name>', "the dataset's name; by default derived from the file's name")
  .option('--out <file>', 'the file to write; by default datasets/NAME.ts')
  .addOption(
    new Option('--add', 'list the dataset in datasets/index.ts and in environments/local.ts').conflicts(
      'out',
    ),
  )
  .addOption(
    new Option('--prefix <prefix>', "the prefix of its files' keys there; by default NAME/").implies({
      add: true,
    }),
  )
  .does(async (file: string, options: NewDatasetOptions) => {
    const { newDataset, summary } = await import('../../tools/new-dataset/new-dataset.ts');
    printResult({ ...(await newDataset(file, options)), file }, summary);
    return DONE;
  });
