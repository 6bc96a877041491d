import { adviceOn } from '../../deploy/advice.ts';

test('advice is found even though Terraform wraps lines and draws a border', () => {
  const printed = '╷\n│ Error: Error acquiring the\n│ state lock\n│ \n╵\n';
  expect(adviceOn(printed)).toContain('Someone else is deploying this environment');
});

test('there is advice for a bucket that has been created since the plan', () => {
  expect(adviceOn('creating S3 Bucket (x): api error BucketAlreadyExists: it is taken')).toContain(
    'bucket names are unique across AWS',
  );
});

test('an unknown error has no advice', () => {
  expect(adviceOn('Error: something new')).toBeUndefined();
});
