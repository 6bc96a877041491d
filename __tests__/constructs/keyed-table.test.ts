import { resources, synthesized } from '../support/stack/stack.ts';

test.each([
  ['dev', false],
  ['prod', true],
])(
  'the table of %s is on-demand, encrypted and recoverable; protected from deletion: %s',
  (name, protection) => {
    expect(resources(synthesized(name), 'aws_dynamodb_table')).toMatchObject({
      'results-table': {
        name: `csv-pipeline-${name}-results`,
        billing_mode: 'PAY_PER_REQUEST',
        hash_key: 'pk',
        attribute: [{ name: 'pk', type: 'S' }],
        point_in_time_recovery: { enabled: true },
        server_side_encryption: { enabled: true },
        deletion_protection_enabled: protection,
      },
    });
  },
);

test('the table of a dataset with a sort key has one', () => {
  expect(resources(synthesized('dev'), 'aws_dynamodb_table')['orders-table']).toMatchObject({
    name: 'csv-pipeline-dev-orders',
    hash_key: 'pk',
    range_key: 'sk',
    attribute: [
      { name: 'pk', type: 'S' },
      { name: 'sk', type: 'S' },
    ],
  });
});
