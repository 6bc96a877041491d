import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataLosses, refuseDataLoss } from '../../deploy/data-loss.ts';
import { readPlan } from '../../deploy/drift.ts';
import { DeployError } from '../../deploy/errors.ts';

const losses = (fixture: string) =>
  dataLosses(readPlan(readFileSync(join(__dirname, 'fixtures', `${fixture}.json`), 'utf8')));

test('each bucket, table and key that is destroyed or replaced is named', () => {
  expect(losses('loses-data')).toEqual([
    {
      address: 'aws_dynamodb_table.airports_table',
      name: 'csv-pipeline-dev-airports',
      how: 'destroyed',
    },
    {
      address: 'aws_dynamodb_table.results_table',
      name: 'csv-pipeline-dev-results',
      how: 'replaced',
    },
    {
      address: 'aws_kms_key.encryption_key',
      name: '1234abcd-12ab-34cd-56ef-1234567890ab',
      how: 'destroyed',
    },
    {
      address: 'aws_s3_bucket.source_bucket',
      name: 'csv-pipeline-dev-source-111122223333',
      how: 'replaced',
    },
  ]);
});

test('what is created, updated or without data is no loss', () => {
  expect(losses('keeps-data')).toEqual([]);
});

test('a plan that loses data is refused, with all that would be lost and the way out', () => {
  const refuse = () => refuseDataLoss(losses('loses-data'));
  expect(refuse).toThrow(DeployError);
  expect(refuse).toThrow(
    /aws_dynamodb_table\.airports_table \(csv-pipeline-dev-airports\) is destroyed\n.*\n.*aws_kms_key.*\n.*aws_s3_bucket\.source_bucket .* is replaced\n.*--allow-data-loss/,
  );
  expect(() => refuseDataLoss(losses('keeps-data'))).not.toThrow();
});
