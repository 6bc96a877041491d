import { adviceOn } from '../../deploy/advice.ts';

test('advice is found though Terraform breaks its lines and draws a box around them', () => {
  const printed = '╷\n│ Error: Error acquiring the\n│ state lock\n│ \n╵\n';
  expect(adviceOn(printed)).toContain('Someone else is deploying this environment');
});

test('a bucket that came up in the meantime is told', () => {
  expect(adviceOn('creating S3 Bucket (x): api error BucketAlreadyExists: it is taken')).toContain(
    'bucket names are unique across AWS',
  );
});

test('what is not known has no advice', () => {
  expect(adviceOn('Error: something new')).toBeUndefined();
});
