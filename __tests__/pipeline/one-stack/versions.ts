/** An execution reads one version of its object, which the embedded S3 keeps as the bucket does. */

import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { beforeInvocations } from '../../support/invocations.ts';
import { type Pipeline, sharedPipeline } from '../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

const csv = (name: string) => `id,name,amount,date\n1,${name},1,2024-01-01\n`;
const names = async () => (await pipeline.items()).map(({ name }) => name);

test('an object that is overwritten during an execution is read in its pinned version', async () => {
  const key = 'overwritten.csv';
  const older = await pipeline.upload(key, csv('older'));
  const newer: (typeof older)[] = [];
  const stop = beforeInvocations(async ({ name }) => {
    // Once after the version was pinned, and once after it was checked.
    if (name === 'validate-csv' || name === 'load-to-dynamodb') {
      newer.push(await pipeline.upload(key, csv('a newer one and longer')));
    }
    return undefined;
  });
  const result = await pipeline.stack.execute(older).finally(stop);
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'loaded', loaded: 1 } });
  expect(newer).toHaveLength(2);
  expect(await names()).toEqual(['older']);
  expect(await pipeline.stack.execute(newer.at(-1) ?? null)).toMatchObject({ output: { loaded: 1 } });
  expect(await names()).toEqual(['a newer one and longer']);
  // A former version can be loaded again.
  const versionId = Object(older)['version-id'];
  const { sourceBucket: bucket } = pipeline.stack.synthesized;
  const again = await pipeline.stack.execute({ bucket, key, versionId, force: true });
  expect(again).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'loaded', loaded: 1 } });
  expect(await names()).toEqual(['older']);
});

test('an execution whose object is deleted between two states fails with a clear message', async () => {
  const key = 'deleted.csv';
  const { endpoints, synthesized } = pipeline.stack;
  const stop = beforeInvocations(async ({ name }) => {
    if (name === 'validate-csv') {
      await endpoints.s3.send(new DeleteObjectCommand({ Bucket: synthesized.sourceBucket, Key: key }));
    }
    return undefined;
  });
  const before = await pipeline.items();
  const result = await pipeline.stack.execute(await pipeline.upload(key, csv('Ada'))).finally(stop);
  expect(result).toMatchObject({
    status: 'FAILED',
    error: 'SourceNotFoundError',
    cause: expect.stringMatching(/There is no version \w+ of s3:\/\/.*deleted\.csv/),
  });
  expect(await pipeline.items()).toEqual(before);
});
