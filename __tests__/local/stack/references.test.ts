import { References } from '../../../local/stack/references.ts';

const references = new References(
  {
    aws_lambda_function: {
      'fetch-csv': { function_name: '${aws_s3_bucket.in.bucket}-fetch', memory_size: 128 },
    },
    aws_s3_bucket: { in: { bucket: 'in' } },
    aws_dynamodb_table: { rows: { name: 'rows' } },
    aws_sqs_queue: { alarms: { name: 'alarms' } },
  },
  { id: '123456789012', region: 'eu-central-1' },
);

test.each([
  ['plain text', 'plain text'],
  ['${aws_s3_bucket.in.bucket}', 'in'],
  ['${aws_s3_bucket.in.id}', 'in'],
  ['${aws_s3_bucket.in.arn}/*', 'arn:aws:s3:::in/*'],
  ['${aws_dynamodb_table.rows.name}, ${aws_dynamodb_table.rows.id}', 'rows, rows'],
  ['${aws_dynamodb_table.rows.arn}', 'arn:aws:dynamodb:eu-central-1:123456789012:table/rows'],
  ['${aws_lambda_function.fetch-csv.arn}', 'arn:aws:lambda:eu-central-1:123456789012:function:in-fetch'],
  [
    '${aws_lambda_function.fetch-csv.qualified_arn}',
    'arn:aws:lambda:eu-central-1:123456789012:function:in-fetch:1',
  ],
  ['$${not a reference} and 100 %%{ either', '${not a reference} and 100 %%{ either'],
])('%s becomes %s', (text, resolved) => {
  expect(references.resolve(text)).toBe(resolved);
});

test.each([
  ['${aws_s3_bucket.out.bucket}', 'aws_s3_bucket.out, which is not in the stack'],
  ['${aws_lambda_function.fetch-csv.version}', 'does not know the attribute version of aws_lambda_function'],
  ['${aws_lambda_function.fetch-csv.memory_size}', 'does not know the attribute memory_size'],
  ['${aws_s3_bucket.in.qualified_arn}', 'does not know the attribute qualified_arn of aws_s3_bucket'],
  ['${aws_sqs_queue.alarms.arn}', 'does not know the attribute arn of aws_sqs_queue'],
  ['${data.aws_caller_identity.current.account_id}', 'data.aws_caller_identity.current.account_id'],
  ['${join("-", ["a"])}', 'cannot evaluate the Terraform expression ${join('],
  ['%{ if true }a%{ endif }', 'cannot evaluate the Terraform directive'],
])('refuses %s', (text, message) => {
  expect(() => references.resolve(text)).toThrow(message);
});
