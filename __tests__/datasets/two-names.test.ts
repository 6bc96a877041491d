import { datasetNamed } from '../../datasets/index.ts';

jest.mock('../../datasets/airports.ts', () => {
  const { results } = jest.requireActual('../../datasets/results.ts');
  return { airports: results };
});

test('two datasets of one name are an error, since the second would never be used', () => {
  expect(() => datasetNamed('results')).toThrow('Two datasets are called "results"; rename one of them.');
  expect(datasetNamed('orders').name).toBe('orders');
});
