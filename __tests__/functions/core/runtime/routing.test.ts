import { datasetAt, tableOf } from '../../../../functions/core/runtime/routing.ts';

test('an object belongs to the dataset with the longest prefix that its key starts with', () => {
  const prefixes = { results: '', orders: 'orders/', late: 'orders/late/' };
  expect(datasetAt(prefixes, 'sample.csv')).toBe('results');
  expect(datasetAt(prefixes, 'orders.csv')).toBe('results');
  expect(datasetAt(prefixes, 'orders/a.csv')).toBe('orders');
  expect(datasetAt(prefixes, 'orders/later/a.csv')).toBe('orders');
  expect(datasetAt(prefixes, 'orders/late/a.csv')).toBe('late');
});

test('a key that starts with no prefix is refused, and the prefixes are named', () => {
  expect(() => datasetAt({ orders: 'orders/', airports: 'airports/' }, 'sample.csv')).toThrow(
    expect.objectContaining({
      name: 'InvalidInputError',
      message:
        'The key "sample.csv" starts with the prefix of no dataset; the prefixes are orders/ (orders), airports/ (airports). Upload the file there, or add a dataset to the environment.',
    }),
  );
});

test.each(['constructor', 'rows'])('a dataset %s without a table is a configuration error', (name) => {
  expect(tableOf({ results: 'table' }, 'results')).toBe('table');
  expect(() => tableOf({ results: 'table' }, name)).toThrow(
    expect.objectContaining({ name: 'ConfigurationError', message: expect.stringContaining(name) }),
  );
});
