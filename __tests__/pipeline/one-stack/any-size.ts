/** Files that are cut exactly, decompressed, or read in several invocations. */

import { gzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { partKey } from '../../../functions/core/csv/parts.ts';
import type { Chunk } from '../../../functions/core/messages.ts';
import { writeParts } from '../../../functions/core/working/decompressed-parts.ts';
import { reader } from '../../support/bytes.ts';
import { inFull } from '../../support/full-run.ts';
import { type Pipeline, sharedPipeline } from '../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

const header = 'id,name,amount,date,note\n';

/** Names of the tasks that ran, in order. */
function tasks(result: Awaited<ReturnType<Pipeline['ingest']>>): string[] {
  return result.states.filter(({ type }) => type === 'Task').map(({ name }) => name);
}

/** Keys of the parts that remain of an execution in the reports bucket. */
async function decompressedParts(execution: string): Promise<string[]> {
  const { endpoints, synthesized } = pipeline.stack;
  const listed = await endpoints.s3.send(
    new ListObjectsV2Command({ Bucket: synthesized.reportsBucket, Prefix: `working/${execution}/` }),
  );
  return (listed.Contents ?? []).flatMap(({ Key }) => (Key?.includes('/decompressed/') ? [Key] : []));
}

describe('a file in UTF-16', () => {
  const rows = ['u-1,"Zoë\n日本 😀",1,2024-01-01,x\r\n', 'u-2,Ada,2,2024-01-01,"a,""b"""\r\n'].join('');

  test.each([
    ['little endian', '\uFEFF', false],
    ['big endian', '\uFEFF', true],
    ['little endian without a byte order mark', '', false],
  ])('%s, compressed or not, is loaded', async (_, mark, isBigEndian) => {
    const bytes = Buffer.from(mark + header + rows, 'utf16le');
    if (isBigEndian) bytes.swap16();
    for (const content of [bytes, gzipSync(bytes)]) {
      const result = await pipeline.ingest('utf16.csv', content);
      expect(result).toMatchObject({ status: 'SUCCEEDED', output: { read: 2, loaded: 2 } });
      const items = result.items.filter(({ id }) => String(id).startsWith('u-'));
      expect(items.map(({ name }) => name)).toEqual(['Zoë\n日本 😀', 'Ada']);
      expect(await decompressedParts(result.name)).toEqual([]);
    }
  });

  test('with half a surrogate pair is rejected, and the character is not replaced', async () => {
    const content = Buffer.from(`${header}u-3,Ada,1,2024-01-01,x\nu-4,B\uD83Dob,1,2024-01-01,x\n`, 'utf16le');
    expect(await pipeline.ingest('utf16.csv', content)).toMatchObject({
      error: 'ValidationError',
      rejected: [{ line: 3, code: 'invalid_encoding' }],
    });
  });
});

describe('a compressed file', () => {
  test('with a bad row has it in its report, with its line number', async () => {
    const result = await pipeline.ingest(
      'bad.csv.gz',
      gzipSync(`${header}1,Ada,1,2024-01-01,x\n2,Bob,one,2024-01-01,x\n`),
    );
    expect(result).toMatchObject({ error: 'ValidationError', rejected: [{ line: 3, column: 'amount' }] });
  });

  test('with only a header succeeds', async () => {
    expect(await pipeline.ingest('empty.csv.gz', gzipSync(header))).toMatchObject({
      status: 'SUCCEEDED',
      output: { read: 0 },
    });
  });

  test.each([
    ['damaged', (compressed: Buffer) => compressed.fill(0x55, 5_000, 5_100)],
    ['truncated', (compressed: Buffer) => compressed.subarray(0, compressed.length - 50)],
    [
      'padded and followed by more data',
      (compressed: Buffer) =>
        Buffer.concat([compressed, Buffer.alloc(100), gzipSync('1,Ada,1,2024-01-01,x\n')]),
    ],
  ])('that is %s fails with a clear message', async (_, damage) => {
    const rows = Array.from({ length: 2_000 }, (__, row) => `${row},${Math.sin(row)},1,2024-01-01,x\n`);
    const result = await pipeline.ingest('damaged.csv.gz', damage(gzipSync(header + rows.join(''))));
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'DecompressionError',
      cause: expect.stringContaining('cannot be decompressed'),
    });
  });

  test('is recognized by its content and not by its name, and leaves no parts behind', async () => {
    const rows = Array.from(
      { length: 3_000 },
      (_, row) => `gz-${row},"a, ""b""\nc",${row},2024-01-01,${'n'.repeat(6_000)}\n`,
    );
    const compressed = gzipSync(header + rows.join(''));
    for (const name of ['compressed.csv', ...inFull(['compressed.csv.gz'], [])]) {
      const result = await pipeline.ingest(name, compressed);
      expect(result).toMatchObject({
        status: 'SUCCEEDED',
        output: { source_key: name, read: 3_000, loaded: 3_000 },
      });
      expect(tasks(result)).toContain('ScanCsv');
      expect(result.states.find(({ name: state }) => state === 'LoadChunk')?.iterations).toBe(2);
      expect(await decompressedParts(result.name)).toEqual([]);
    }
    const plain = await pipeline.ingest('plain.csv.gz', `${header}gz-plain,Ada,1,2024-01-01,x\n`);
    expect(plain).toMatchObject({ status: 'SUCCEEDED', output: { loaded: 1 } });
  });

  describe('in small parts', () => {
    const text = Buffer.from(
      header + Array.from({ length: 3_000 }, (_, row) => `${row},"a\n""b""",1,x\n`).join(''),
    );
    const settings = (hasTime: () => boolean, maxBytes = 1e6) => ({
      location: { bucket: pipeline.stack.synthesized.reportsBucket, execution: 'small-parts' },
      dialect: { delimiter: ',' },
      start: header.length,
      maxParts: 200,
      minPartBytes: 1_000,
      maxBytes,
      hasTime,
    });
    /** The whole file, in small pieces. */
    const pieces = () => reader(text, 1_000)(0, text.length);

    test('becomes parts of whole records with all its bytes, even if each part takes another invocation', async () => {
      const { s3 } = pipeline.stack.endpoints;
      const atOnce = await writeParts(
        s3,
        pieces(),
        [],
        settings(() => true),
        'the file',
      );
      expect(atOnce).toMatchObject({ plan: { mode: 'exact', done: true }, size: text.length });
      expect(atOnce.chunks.length).toBeGreaterThan(1);

      let calls = 0;
      let result = { ...atOnce, chunks: [] as Chunk[], plan: { ...atOnce.plan, done: false } };
      while (!result.plan.done) {
        calls += 1;
        // Long enough for one more part, whatever is in front of it.
        let left = Math.ceil(((result.chunks.at(-1)?.end ?? 0) + 8_000) / 1_000);
        const hasTime = () => {
          left -= 1;
          return left > 0;
        };
        result = await writeParts(s3, pieces(), result.chunks, settings(hasTime), 'the file');
      }
      expect(calls).toBeGreaterThan(1);
      expect(result).toEqual(atOnce);

      const { location } = settings(() => true);
      let end = header.length;
      for (const chunk of atOnce.chunks) {
        expect(chunk.start).toBe(end);
        end = chunk.end;
        const part = await s3.send(
          new GetObjectCommand({ Bucket: location.bucket, Key: partKey(location, chunk.start) }),
        );
        const bytes = Buffer.from((await part.Body?.transformToByteArray()) ?? []);
        expect(bytes.equals(text.subarray(chunk.start, chunk.end))).toBe(true);
        expect(bytes.toString()).toMatch(/^\d+,"a\n/);
      }
      expect(end).toBe(text.length);
    });

    test('fails if it becomes too large, or if an invocation makes no progress', async () => {
      const { s3 } = pipeline.stack.endpoints;
      await expect(
        writeParts(
          s3,
          pieces(),
          [],
          settings(() => true, 20_000),
          'the file',
        ),
      ).rejects.toMatchObject({
        name: 'DecompressionError',
        message: expect.stringContaining('decompresses to more than the 20000 bytes'),
      });
      await expect(
        writeParts(
          s3,
          pieces(),
          [],
          settings(() => false),
          'the file',
        ),
      ).rejects.toMatchObject({
        name: 'DecompressionError',
        message: expect.stringContaining("was not decompressed before the function's timeout"),
      });
    });
  });
});

// The last ones, because every test reads the whole table after its file.

test('a file of 8 MiB chunks is cut by probing it', async () => {
  const rows = Array.from(
    { length: 4_000 },
    (_, row) => `probe-${row},"two\nlines",1,2024-01-01,${'n'.repeat(5_000)}\n`,
  );
  const result = await pipeline.ingest('probe.csv', header + rows.join(''));
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { read: 4_000, loaded: 4_000 } });
  expect(tasks(result)).not.toContain('ScanCsv');
  expect(result.states.find(({ name }) => name === 'ValidateChunk')?.iterations).toBe(2);
});

test('a file that defeats the probe is cut again, exactly, and loses nothing', async () => {
  // The long fields look like rows, and the probe's window lies within one of them.
  const fake = 'fake,Eve,1,2024-01-01,x\n'.repeat(16_000);
  const rows = Array.from({ length: 61 }, (_, row) => `real-${row},Ada,1,2024-01-01,"${fake}"\n`);
  const result = await pipeline.ingest('hostile.csv', header + rows.join(''));
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { read: 61, loaded: 61, rejected: 0 } });
  expect(tasks(result)).toEqual([
    'FetchCsv',
    'ValidateChunk',
    'JudgeCsv',
    'ScanCsv',
    'FindDuplicates',
    'BeginLoad',
    'LoadChunk',
    'ReconcileLoad',
  ]);
  expect(result.states.find(({ name }) => name === 'JudgeCsv')).toMatchObject({ attempts: 2 });
  expect(result.items.filter((item) => item.id === 'fake')).toEqual([]);
});
