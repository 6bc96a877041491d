/** An invalid dataset stops what uses it, with one sentence, and nothing else. */

import { join } from 'node:path';
import { datasetNamed, datasetNames } from '../../datasets/index.ts';
import { environment } from '../../environments/index.ts';
import { ConfigurationError } from '../../functions/core/errors.ts';
import { checkFile } from '../../tools/check/check-file.ts';

jest.mock('../../datasets/orders.ts', () => {
  const { date, decimal, text } = jest.requireActual('../../functions/core/dataset/columns.ts');
  const { dataset } = jest.requireActual('../../functions/core/dataset/dataset.ts');
  return {
    orders: dataset({
      name: 'orders',
      columns: { id: text(), price: decimal({ emtpy: 'omit' }), ordered: date({ format: 'DD.MN.YYYY' }) },
      key: '{id}',
    }),
  };
});

const SENTENCE =
  'The dataset "orders" is invalid: price has the unknown option "emtpy" (did you mean "empty"?); ordered has the date format "DD.MN.YYYY", in which the letter N has no meaning.';

test('it is refused where it is used, by its name', () => {
  expect(() => datasetNamed('orders')).toThrow(new ConfigurationError(SENTENCE));
});

test('others can be used, in an environment that has both', async () => {
  expect(datasetNames).toEqual(['results', 'orders', 'airports', 'articles']);
  expect(Object.keys(environment('local').datasets)).toContain('orders');
  expect(datasetNamed('results').key).toHaveLength(1);
  const sample = join(__dirname, '../../samples/sample.csv');
  expect(
    await checkFile(sample, { dataset: datasetNamed('results'), maxDecompressedBytes: 1e9 }),
  ).toMatchObject({ dataset: 'results', accepted: true });
});

test('an unknown dataset is an error that names the one that was meant', () => {
  expect(() => datasetNamed('result')).toThrow(
    new ConfigurationError(
      'There is no dataset "result" (did you mean "results"?); there are results, orders, airports, articles.',
    ),
  );
});
