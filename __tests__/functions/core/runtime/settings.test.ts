import { datasetAt, tableOf } from '../../../../functions/core/runtime/settings.ts';

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

test('an object belongs to the dataset with the longest prefix that its key has', () => {
  process.env.PREFIXES = JSON.stringify({ results: '', orders: 'orders/', late: 'orders/late/' });
  expect(datasetAt('sample.csv')).toBe('results');
  expect(datasetAt('orders.csv')).toBe('results');
  expect(datasetAt('orders/a.csv')).toBe('orders');
  expect(datasetAt('orders/later/a.csv')).toBe('orders');
  expect(datasetAt('orders/late/a.csv')).toBe('late');
});

test('a key under the prefix of no dataset is refused, and the prefixes are named', () => {
  process.env.PREFIXES = JSON.stringify({ orders: 'orders/', airports: 'airports/' });
  expect(() => datasetAt('sample.csv')).toThrow(
    expect.objectContaining({
      name: 'InvalidInputError',
      message:
        'The key "sample.csv" lies under the prefix of no dataset; there are orders/ for orders, airports/ for airports. Upload the file there, or add a dataset to the environment.',
    }),
  );
});

test.each(['constructor', 'rows'])('a dataset %s without a table is a mistake of the deployment', (name) => {
  process.env.TABLES = JSON.stringify({ results: 'table' });
  expect(tableOf('results')).toBe('table');
  expect(() => tableOf(name)).toThrow(
    expect.objectContaining({ name: 'ConfigurationError', message: expect.stringContaining(name) }),
  );
});

test.each(['{', '[]', '{"results": 1}'])('%s is no map of datasets', (value) => {
  process.env.TABLES = value;
  expect(() => tableOf('results')).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
});
