import { datasetForKey, tableFor } from '../../../../functions/core/runtime/routing.ts';

test('an object belongs to the dataset with the longest prefix that its key starts with', () => {
  const prefixes = { results: '', orders: 'orders/', late: 'orders/late/' };
  expect(datasetForKey(prefixes, 'sample.csv')).toBe('results');
  expect(datasetForKey(prefixes, 'orders.csv')).toBe('results');
  expect(datasetForKey(prefixes, 'orders/a.csv')).toBe('orders');
  expect(datasetForKey(prefixes, 'orders/later/a.csv')).toBe('orders');
  expect(datasetForKey(prefixes, 'orders/late/a.csv')).toBe('late');
});

test('a key without any of the prefixes is refused, and the message lists them', () => {
  expect(() => datasetForKey({ orders: 'orders/', airports: 'airports/' }, 'sample.csv')).toThrow(
    expect.objectContaining({
      name: 'InvalidInputError',
      message:
        'The key "sample.csv" does not start with the prefix of any dataset: orders/ (orders), airports/ (airports). Upload the file under one of these prefixes, or add a dataset to the environment.',
    }),
  );
});

test.each(['constructor', 'rows'])('a dataset %s without a table is a configuration error', (name) => {
  expect(tableFor({ results: 'table' }, 'results')).toBe('table');
  expect(() => tableFor({ results: 'table' }, name)).toThrow(
    expect.objectContaining({ name: 'ConfigurationError', message: expect.stringContaining(name) }),
  );
});
