import { readFileSync } from 'node:fs';
import path from 'node:path';
import { environmentNames } from '../../environments/index.ts';
import { synthesized, synthesizedFolder } from '../support/stack/stack.ts';

/**
 * The Terraform addresses of everything that holds data. A change of one destroys what is deployed there, unless the
 * stack also has a `moved` block from the old address: add that before changing this list.
 */
const SHARED = [
  'aws_dynamodb_table.ledger-table',
  'aws_dynamodb_table.results-table',
  'aws_s3_bucket.reports_bucket',
  'aws_s3_bucket.source_bucket',
];
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  local: [
    ...SHARED,
    'aws_dynamodb_table.airports-table',
    'aws_dynamodb_table.articles-table',
    'aws_dynamodb_table.orders-table',
  ],
  dev: [...SHARED, 'aws_dynamodb_table.orders-table'],
  staging: SHARED,
  prod: SHARED,
};

const DATA = ['aws_s3_bucket', 'aws_dynamodb_table'];

function addressesOf(environmentName: string): string[] {
  const { resource } = synthesized(environmentName).json;
  return DATA.flatMap((type) => Object.keys(resource[type] ?? {}).map((name) => `${type}.${name}`)).sort();
}

test('the buckets and tables of every environment keep their addresses', () => {
  const found = Object.fromEntries(environmentNames.map((name) => [name, addressesOf(name)]));
  expect(found).toEqual(
    Object.fromEntries(Object.entries(ADDRESSES).map(([name, addresses]) => [name, addresses.toSorted()])),
  );
});

test('so does the state bucket', () => {
  const file = path.join(synthesizedFolder('state'), 'cdk.tf.json');
  const { resource } = JSON.parse(readFileSync(file, 'utf8'));
  expect(Object.keys(resource.aws_s3_bucket)).toEqual(['state_bucket_803B4E61']);
});
