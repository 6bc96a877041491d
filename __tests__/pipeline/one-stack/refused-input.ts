/** An invalid input is refused with a clear message, and the ledger stays unchanged. */

import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { everyNth } from '../../support/full-run.ts';
import { type Pipeline, sharedPipeline } from '../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

let key: string;
let keys = 0;
beforeEach(() => {
  keys += 1;
  key = `file-${keys}.csv`;
});

const CSV = 'id,name,amount,date\n1,Ada,1,2024-01-01\n';

type Input = Parameters<typeof pipeline.stack.execute>[0];
const start = (input: Input) => pipeline.stack.execute(input);

type Event = Record<string, unknown>;
/** The problem, a function that makes a loaded file's event invalid, and the expected cause and error. */
type Case = readonly [what: string, change: (event: Event) => Event, cause: string, error: string];

test("the input has nothing of the uploader's, such as an IP address", async () => {
  const input = Object(await pipeline.upload(key, CSV));
  expect(Object.keys(input).sort()).toEqual(['etag', 'key', 'sequencer', 'size', 'version-id']);
});

describe('an input is refused and leaves the ledger unchanged:', () => {
  /** Runs the input while another object is loaded, and checks that the ledger stays identical. */
  async function refused(change: (event: Event) => Event) {
    const event = await pipeline.upload(key, CSV);
    expect(await start(event)).toMatchObject({ status: 'SUCCEEDED' });
    const before = await pipeline.ledger();
    expect(before.length).toBeGreaterThan(0);
    const result = await start(Object(change(Object(event))));
    expect(await pipeline.ledger()).toEqual(before);
    return result;
  }

  const object = (event: Event, changes: object) => ({ ...event, sequencer: 'FF', ...changes });

  test.each<Case>([
    [
      'the object of an event, with a bucket',
      (event) => ({ ...event, bucket: 'another-bucket' }),
      'has the fields',
      'InvalidInputError',
    ],
    [
      'another bucket in a manual input',
      () => ({ bucket: 'another-bucket', key, force: true }),
      'the bucket another-bucket',
      'InvalidInputError',
    ],
    ['neither shape', () => ({ Records: [] }), 'has the fields Records', 'InvalidInputError'],
    ...everyNth(3, ['', 'xyz', '0x1F', '12 34', '1'.repeat(65)]).map(
      (sequencer): Case => [
        `the sequencer ${JSON.stringify(sequencer)}`,
        (event) => object(event, { sequencer }),
        "The event's sequencer is",
        'InvalidInputError',
      ],
    ),
    [
      'an object that does not exist',
      () => ({ bucket: pipeline.stack.synthesized.sourceBucket, key: 'none.csv' }),
      'There is no s3://',
      'SourceNotFoundError',
    ],
    [
      'a version that does not exist',
      (event) => object(event, { 'version-id': '0'.repeat(32) }),
      'There is no version 00000000000000000000000000000000 of s3://',
      'SourceNotFoundError',
    ],
    [
      'a version ID that S3 does not know',
      (event) => object(event, { 'version-id': 'gone' }),
      'is not a version ID of S3',
      'SourceNotFoundError',
    ],
    [
      'an object without versions that was overwritten since the event',
      ({ 'version-id': _, ...event }) => object(event, { etag: 'another' }),
      'has been overwritten since the event',
      'SourceChangedError',
    ],
  ])('%s', async (_, change, cause, error) => {
    const result = await refused(change);
    expect(result).toMatchObject({ status: 'FAILED', error, cause: expect.stringContaining(cause) });
    expect(result.states.map(({ name }) => name)).toEqual([
      'FetchCsv',
      ...(error === 'InvalidInputError' ? ['InputRefused'] : ['TellFailed', 'Failed']),
    ]);
  });

  test('an object that was deleted since the event', async () => {
    const event = await pipeline.upload(key, CSV);
    const { sourceBucket } = pipeline.stack.synthesized;
    await pipeline.stack.endpoints.s3.send(new DeleteObjectCommand({ Bucket: sourceBucket, Key: key }));
    const before = await pipeline.ledger();
    expect(await start(event)).toMatchObject({
      status: 'FAILED',
      error: 'SourceNotFoundError',
      cause: expect.stringContaining('There is no version'),
    });
    expect(await pipeline.ledger()).toEqual(before);
  });
});
