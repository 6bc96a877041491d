import fc from 'fast-check';
import { planByProbe, planByScan, planLimits, windowBytes } from '../../../../functions/core/csv/plan.ts';
import { readRecords } from '../../../../functions/core/csv/records.ts';
import type { Chunk } from '../../../../functions/core/messages.ts';
import { reader } from '../../../support/bytes.ts';
import { inFull } from '../../../support/full-run.ts';

const WIDTH = 3;
const DIALECT = { delimiter: ',', encoding: 'utf-8' } as const;

/** Factor for the number of cases; `npm run test:long` sets it. */
const LONG_RUN = Number(process.env.LONG_RUN ?? 1);

/** The rows that start in a chunk, and where reading it ends. */
async function rowsOf(
  bytes: Buffer,
  { start, end }: Chunk,
): Promise<{ rows: unknown[]; at: number | undefined }> {
  const rows: unknown[] = [];
  let at: number | undefined = start;
  for await (const batch of readRecords(reader(bytes, 7), { start, end, size: bytes.length }, DIALECT)) {
    for (const { fields, fault, start: first, end: last } of batch.records)
      rows.push({ fields, fault, first, last });
    at = batch.at;
  }
  return { rows, at };
}

/** Whether the chunks prove each other, and all their rows. */
async function validated(
  bytes: Buffer,
  chunks: readonly Chunk[],
): Promise<{ rows: unknown[]; isProven: boolean }> {
  const parts = await Promise.all(chunks.map((chunk) => rowsOf(bytes, chunk)));
  return {
    rows: parts.flatMap(({ rows }) => rows),
    isProven: parts.every(({ at }, index) => at === (chunks[index + 1]?.start ?? bytes.length)),
  };
}

/** Bytes that cause trouble more often than not. */
const nasty = fc
  .array(fc.constantFrom('a', 'b,c', ',', '"', '""', '"x\ny"', '\n', '\r\n', '\r', 'é', '"\n"'), {
    maxLength: 60,
  })
  .map((parts) => Buffer.from(parts.join('')));

/** Valid CSV with anything that a field may contain, including text that looks like rows. */
const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'é', ' ', '1'), maxLength: 6 }),
  fc.constantFrom('', '"', '\n', '\r\n', 'x,y,z\nx,y,z\n', '"\n"', ',\n,', '日本\r', 'q'.repeat(150)),
);
const valid = fc
  .record({
    rows: fc.array(fc.array(cell, { minLength: WIDTH, maxLength: WIDTH }), { minLength: 1, maxLength: 25 }),
    lineBreaks: fc.array(fc.constantFrom('\n', '\r\n'), { minLength: 1, maxLength: 5 }),
    alwaysQuoted: fc.boolean(),
  })
  .map(({ rows, lineBreaks, alwaysQuoted }) =>
    Buffer.from(
      rows
        .map((row, index) => {
          const fields = row.map((field) =>
            alwaysQuoted || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field,
          );
          return fields.join(',') + lineBreaks[index % lineBreaks.length];
        })
        .join(''),
    ),
  );

describe('planByScan', () => {
  test('the chunks of any file together have the rows of the file, for any chunk size', async () => {
    let cases = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(nasty, valid), async (bytes) => {
        const whole = await rowsOf(bytes, { start: 0, end: bytes.length });
        for (let target = 1; target <= bytes.length + 1; target += 1 + Math.floor(target / 4)) {
          cases += 1;
          const body = { start: 0, size: bytes.length, delimiter: ',' };
          const { chunks, plan } = await planByScan(reader(bytes, 5), body, { minChunkBytes: target });
          expect(plan).toEqual({ mode: 'exact', done: true });
          expect(await validated(bytes, chunks)).toEqual({ rows: whole.rows, isProven: true });
          for (const chunk of chunks.slice(0, -1))
            expect(chunk.end - chunk.start).toBeGreaterThanOrEqual(target);
        }
      }),
      { numRuns: inFull(400, 30) * LONG_RUN },
    );
    expect(cases).toBeGreaterThan(inFull(2_000, 150));
  });

  test('yields the same chunks if it resumes after any number of pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        valid,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (bytes, target, pieces) => {
          const body = { start: 0, size: bytes.length, delimiter: ',' };
          const limits = { minChunkBytes: target };
          const atOnce = await planByScan(reader(bytes, 5), body, limits);
          let result = await planByScan(reader(bytes, 5), body, limits, [], () => false);
          for (let calls = 0; !result.plan.done; calls += 1) {
            expect(calls).toBeLessThan(bytes.length);
            let left = pieces;
            result = await planByScan(reader(bytes, 5), body, limits, result.chunks, () => {
              left -= 1;
              return left > 0;
            });
          }
          expect(result.chunks).toEqual(atOnce.chunks);
        },
      ),
      { numRuns: inFull(300, 25) * LONG_RUN },
    );
  });
});

describe('planByProbe', () => {
  test('chunks of any file that prove each other have exactly the rows of the file, for any chunk size', async () => {
    const counts = { cases: 0, proven: 0, cut: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ arbitrary: valid, weight: 3 }, nasty),
        fc.constantFrom(24, 64, 400),
        async (bytes, window) => {
          const whole = await rowsOf(bytes, { start: 0, end: bytes.length });
          const body = { start: 0, size: bytes.length, delimiter: ',', width: WIDTH };
          for (let target = 1; target <= bytes.length + 1; target += 1 + Math.floor(target / 3)) {
            const limits = { maxChunks: 1_000, minChunkBytes: target };
            const { chunks } = await planByProbe(reader(bytes), body, limits, window);
            const { rows, isProven } = await validated(bytes, chunks);
            counts.cases += 1;
            if (chunks.length > 1) counts.cut += 1;
            if (!isProven) continue;
            counts.proven += 1;
            expect(rows).toEqual(whole.rows);
          }
        },
      ),
      { numRuns: inFull(600, 45) * LONG_RUN },
    );
    // Most guesses are right even for files like these, and enough are wrong to test the proof.
    expect(counts.cases).toBeGreaterThan(inFull(2_000, 150));
    expect(counts.cut).toBeGreaterThan(counts.cases / 10);
    expect(counts.proven).toBeGreaterThan(counts.cases / 2);
    expect(counts.proven).toBeLessThan(counts.cases);
  });

  test('ordinary files with quoted line breaks are cut correctly', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) =>
      index % 3 === 0 ? `${index},"a ""quoted"" text,\nof two lines",1\r\n` : `${index},plain,2\r\n`,
    );
    const bytes = Buffer.from(rows.join(''));
    const body = { start: 0, size: bytes.length, delimiter: ',', width: WIDTH };
    const { chunks } = await planByProbe(
      reader(bytes),
      body,
      { maxChunks: 1_000, minChunkBytes: 4_000 },
      1_000,
    );
    expect(chunks.length).toBeGreaterThan(80);
    expect((await validated(bytes, chunks)).isProven).toBe(true);
  });

  test('text that looks like rows in a quoted field defeats the probe, and the proof detects it', async () => {
    const inner = 'x,y,z\n'.repeat(5_000);
    const bytes = Buffer.from(`1,"${inner}",b\n`.repeat(10));
    const body = { start: 0, size: bytes.length, delimiter: ',', width: WIDTH };
    const { chunks } = await planByProbe(
      reader(bytes),
      body,
      { maxChunks: 1_000, minChunkBytes: 10_000 },
      2_000,
    );
    expect(chunks.length).toBeGreaterThan(10);
    expect((await validated(bytes, chunks)).isProven).toBe(false);
    const exact = await planByScan(reader(bytes), body, { minChunkBytes: 10_000 });
    const whole = await rowsOf(bytes, { start: 0, end: bytes.length });
    expect(await validated(bytes, exact.chunks)).toEqual({ rows: whole.rows, isProven: true });
  });

  test('records longer than a window make chunks longer, not wrong', async () => {
    const bytes = Buffer.from(`1,${'x'.repeat(3_000)},b\n`.repeat(50));
    const body = { start: 0, size: bytes.length, delimiter: ',', width: WIDTH };
    const { chunks } = await planByProbe(
      reader(bytes),
      body,
      { maxChunks: 1_000, minChunkBytes: 5_000 },
      1_000,
    );
    expect(chunks).toEqual([{ start: 0, end: bytes.length }]);
  });

  test.each([1e9, 1e10, 1e11, 1e12, 5 * 1024 ** 4])('reads at most 1 %% of a file of %d bytes', (size) => {
    for (const maxChunks of [400, 1_000]) {
      const { minChunkBytes } = planLimits(size, maxChunks);
      const window = windowBytes(minChunkBytes);
      const count = Math.min(maxChunks, Math.floor(size / (minChunkBytes + window)));
      // One window per cut, and one for the header.
      expect(count * window).toBeLessThanOrEqual(size / 100);
      expect(minChunkBytes).toBeGreaterThanOrEqual(8 * 1024 ** 2);
      expect(count).toBeLessThanOrEqual(maxChunks);
    }
  });
});
