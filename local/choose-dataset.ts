import { UsageError } from '../report/terminal/errors.ts';

/**
 * Finds the dataset that a file belongs to.
 * @param datasets the datasets of an environment
 * @param name of the dataset; `undefined` means the one without a prefix
 * @throws UsageError when there is no such dataset.
 */
export function chooseDataset<Place extends { readonly name: string; readonly prefix: string | undefined }>(
  datasets: readonly Place[],
  name: string | undefined,
): Place {
  const found = datasets.find((each) => (name === undefined ? each.prefix === '' : each.name === name));
  if (found !== undefined) return found;
  const names = datasets.map((each) => each.name).join(', ');
  throw new UsageError(
    `The environment has no dataset ${name === undefined ? 'without a prefix' : JSON.stringify(name)}; choose one with --dataset: ${names}.`,
  );
}
