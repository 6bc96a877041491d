import fc from 'fast-check';
import type { Chunk } from '../../../functions/core/messages.ts';
import { chunkBytes, planByScan } from '../../../functions/core/plan.ts';
import { readRecords } from '../../../functions/core/records.ts';

async function rowsOf(bytes: Buffer, chunk: Chunk): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of readRecords([bytes.subarray(chunk.start, chunk.end)], ',', chunk.start)) {
    for (const { fields, fault, start, end } of batch) rows.push({ fields, fault, start, end });
  }
  return rows;
}

describe('planByScan', () => {
  test('the rows of the chunks put together are the rows of the file, whatever the chunks and the file', async () => {
    const nasty = fc
      .array(fc.constantFrom('a', 'b,c', ',', '"', '""', '"x\ny"', '\n', '\r\n', '\r', 'é', '"\n"'), {
        maxLength: 60,
      })
      .map((parts) => Buffer.from(parts.join('')));
    await fc.assert(
      fc.asyncProperty(nasty, fc.nat(3), async (bytes, start) => {
        const whole = await rowsOf(bytes, { start: 0, end: bytes.length });
        for (let target = 1; target <= bytes.length + 1; target += 1 + Math.floor(target / 4)) {
          const chunks = await planByScan([bytes], ',', start, target);
          const moved = chunks.map((chunk) => ({ start: chunk.start - start, end: chunk.end - start }));
          const rows: unknown[] = [];
          for (const chunk of moved) rows.push(...(await rowsOf(bytes, chunk)));
          expect(rows).toEqual(whole);
          // Without a gap, and each but the last with as many bytes as it should have.
          let end = 0;
          for (const [index, chunk] of moved.entries()) {
            expect(chunk.start).toBe(end);
            if (index < moved.length - 1) expect(chunk.end - chunk.start).toBeGreaterThanOrEqual(target);
            end = chunk.end;
          }
          if (whole.length > 0) expect(end).toBe(bytes.length);
          else expect(chunks).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    [1, 8 * 1024 ** 2],
    [8 * 1024 ** 3, 8_589_935],
    [5 * 1024 ** 4, 5_497_558_139],
  ])('a file of %d bytes has chunks of at least %d bytes, at most 1,000 of them', (size, expected) => {
    expect(chunkBytes(size)).toBe(expected);
    expect(Math.ceil(size / expected)).toBeLessThanOrEqual(1_000);
  });
});
