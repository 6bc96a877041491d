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

test('there is advice for a backend that has changed, and not for one that was configured for the first time', () => {
  expect(adviceOn('Error: Backend configuration changed\n\nA change in the backend')).toContain(
    '--migrate-state',
  );
  const configured =
    'Successfully configured the backend "local"! Terraform will automatically\nuse this backend unless the backend configuration changes.';
  expect(adviceOn(`${configured}\nError: Failed to query available provider packages`)).toBeUndefined();
});

test('an unknown error has no advice', () => {
  expect(adviceOn('Error: something new')).toBeUndefined();
});
