import { UsageError } from '../report/terminal/errors.ts';

/**
 * The dataset that a file belongs to.
 * @param datasets of an environment.
 * @param name the one without a prefix if undefined
 * @throws UsageError when there is none.
 */
export function chooseDataset<Place extends { readonly name: string; readonly prefix: string | undefined }>(
  datasets: readonly Place[],
  name: string | undefined,
): Place {
  const found = datasets.find((each) => (name === undefined ? each.prefix === '' : each.name === name));
  if (found !== undefined) return found;
  const names = datasets.map((each) => each.name).join(', ');
  throw new UsageError(
    `The environment has no dataset ${name === undefined ? 'without a prefix' : JSON.stringify(name)}; name one with --dataset: ${names}.`,
  );
}
