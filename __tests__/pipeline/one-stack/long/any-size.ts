/** Files that are decompressed, or read in several invocations. */

import { gzipSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { partKey } from '../../../../functions/core/csv/parts.ts';
import type { Chunk } from '../../../../functions/core/messages.ts';
import { writeParts } from '../../../../functions/core/working/decompressed-parts.ts';
import { reader } from '../../../support/bytes.ts';
import { inFull } from '../../../support/full-run.ts';
import { type Pipeline, sharedPipeline } from '../../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

const header = 'id,name,amount,date,note\n';

describe('a file in UTF-16', () => {
  const rows = ['u-1,"Zoë\n日本 😀",1,2024-01-01,x\r\n', 'u-2,Ada,2,2024-01-01,"a,""b"""\r\n'].join('');

  test.each([
    ['little endian', '\uFEFF', false],
    ['big endian', '\uFEFF', true],
    ['little endian without a byte order mark', '', false],
  ])('%s, compressed or not, is loaded', async (_, mark, isBigEndian) => {
    const bytes = Buffer.from(mark + header + rows, 'utf16le');
    if (isBigEndian) bytes.swap16();
    for (const content of inFull([bytes, gzipSync(bytes)], [gzipSync(bytes)])) {
      const result = await pipeline.ingest('utf16.csv', content);
      expect(result).toMatchObject({ status: 'SUCCEEDED', output: { read: 2, loaded: 2 } });
      const items = result.items.filter(({ id }) => String(id).startsWith('u-'));
      expect(items.map(({ name }) => name)).toEqual(['Zoë\n日本 😀', 'Ada']);
      expect(await pipeline.decompressedParts(result.name)).toEqual([]);
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
