import fc from 'fast-check';
import { type Frame, Framer, MAX_RECORD_BYTES } from '../../../../functions/core/csv/framing.ts';

/** All frames of a file, with positions in the file, read in pieces of the given sizes. */
function frame(bytes: Buffer, pieces: readonly number[] = []): { frames: Frame[]; lines: number } {
  const framer = new Framer(',');
  const frames: Frame[] = [];
  const take = (framed: ReturnType<Framer['push']>) => {
    for (const one of framed.frames) {
      frames.push({ ...one, start: framed.offset + one.start, end: framed.offset + one.end });
    }
  };
  let position = 0;
  for (const size of pieces) {
    take(framer.push(bytes.subarray(position, position + size)));
    position += size;
  }
  take(framer.push(bytes.subarray(position)));
  take(framer.end());
  return { frames, lines: framer.lines };
}

/** The records as strings, each after its fault if it has one. */
function recordStrings(csv: string): string[] {
  const bytes = Buffer.from(csv);
  return frame(bytes).frames.map(({ start, end, fault }) => {
    const text = bytes.toString('utf8', start, end);
    return fault === undefined ? text : `${fault}: ${text}`;
  });
}

describe('Framer', () => {
  test.each([
    ['LF', 'a,b\nc,d\n', ['a,b', 'c,d']],
    ['CRLF', 'a,b\r\nc,d\r\n', ['a,b', 'c,d']],
    ['CR', 'a,b\rc,d\r', ['a,b', 'c,d']],
    ['no line break at the end', 'a,b\nc,d', ['a,b', 'c,d']],
    ['blank lines', '\n\na,b\n\r\n\rc,d\n\n', ['a,b', 'c,d']],
    ['a line of blanks is a record', 'a\n \nb', ['a', ' ', 'b']],
    ['quoted commas, line breaks and quotes', '"a,\r\n""x""",b\nc,d\n', ['"a,\r\n""x""",b', 'c,d']],
    ['a quoted field at the end of the file', 'a,"b"', ['a,"b"']],
    ['empty quoted fields', '"",""\n', ['"",""']],
  ])('%s', (_, csv, expected) => {
    expect(recordStrings(csv)).toEqual(expected);
  });

  test.each([
    ['a quote in an unquoted field', '1,5" pipe\n2,b\n', ['bare_quote: 1,5" pipe', '2,b']],
    ['text after a closing quote', '1,"a"b\n2,b\n', ['stray_quote: 1,"a"b', '2,b']],
    ['a quote that is never closed', '1,"a\n2,b\n3,c\n', ['unclosed_quote: 1,"a', '2,b', '3,c']],
    ['a quote that the next record closes', '1,"a\n2,"b"\n3,c\n', ['unclosed_quote: 1,"a', '2,"b"', '3,c']],
    ['an unclosed quote in the last line', '1,a\n2,"b', ['1,a', 'unclosed_quote: 2,"b']],
  ])('%s costs only its own line', (_, csv, expected) => {
    expect(recordStrings(csv)).toEqual(expected);
  });

  test('a record over the limit is rejected, and framing continues after its line', () => {
    const long = 'x'.repeat(MAX_RECORD_BYTES + 1);
    const bytes = Buffer.from(`1,a\n2,${long}\n3,c\n`);
    const { frames, lines } = frame(bytes, Array(20).fill(30_000));
    expect(frames.map(({ line, fault }) => [line, fault])).toEqual([
      [0, undefined],
      [1, 'record_too_long'],
      [2, undefined],
    ]);
    expect(lines).toBe(3);
  });

  test('with an open quote it holds at most one record and one piece of the stream', () => {
    const framer = new Framer(',');
    const first = framer.push(Buffer.from('1,"a\n'));
    expect(first.frames).toEqual([]);
    const line = Buffer.from(`${'x'.repeat(1_023)}\n`);
    let largest = 0;
    let faults = 0;
    for (let index = 0; index < 2_000; index += 1) {
      const framed = framer.push(line);
      largest = Math.max(largest, framed.bytes.length);
      faults += framed.frames.filter(({ fault }) => fault === 'unclosed_quote').length;
    }
    expect(faults).toBe(1);
    expect(largest).toBeLessThanOrEqual(MAX_RECORD_BYTES + 2 * line.length);
  });

  test('the time to frame a file in which no record ends is linear, not quadratic', () => {
    // Each line opens a quote, and the scan of the previous line treats it as text.
    const bytes = Buffer.from('a","\n'.repeat(200_000));
    const framer = new Framer(',');
    let faults = 0;
    const count = ({ frames }: ReturnType<Framer['push']>) => {
      for (const { fault } of frames) if (fault === 'unclosed_quote') faults += 1;
    };
    for (let at = 0; at < bytes.length; at += 65_536) count(framer.push(bytes.subarray(at, at + 65_536)));
    count(framer.end());
    // If each line were scanned for 400 KB, the test would time out.
    expect(faults).toBe(200_000);
  });

  test('a line that does not end is an error', () => {
    const framer = new Framer(',');
    const piece = Buffer.alloc(1_048_576, 'x');
    expect(() => {
      for (let index = 0; index < 70; index += 1) framer.push(piece);
    }).toThrow(expect.objectContaining({ name: 'NotCsvError' }));
  });

  test('every line break counts as a line, and a CRLF as one', () => {
    const { frames, lines } = frame(Buffer.from('h\r\n\r\n"a\r\nb\nc\rd"\r\ne\n\nf'));
    expect(frames.map(({ line }) => line)).toEqual([0, 2, 6, 8]);
    expect(lines).toBe(9);
  });

  /** Bytes that cause trouble more often than not. */
  const nasty = fc
    .array(fc.constantFrom('a', ',', '"', '""', '\n', '\r', '\r\n', '",', ',"', '"\n', 'é', ' '), {
      maxLength: 60,
    })
    .map((parts) => Buffer.from(parts.join('')));

  test('any bytes yield the same frames in pieces of any size', () => {
    fc.assert(
      fc.property(nasty, fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 30 }), (bytes, pieces) => {
        expect(frame(bytes, pieces)).toEqual(frame(bytes));
      }),
      { numRuns: 3_000 },
    );
  });

  test('a cut in front of any record changes neither the records on both sides nor their faults and lines', () => {
    fc.assert(
      fc.property(nasty, (bytes) => {
        const whole = frame(bytes);
        for (const cut of whole.frames) {
          const before = frame(bytes.subarray(0, cut.start));
          const after = frame(bytes.subarray(cut.start));
          expect(before.lines).toBe(cut.line);
          expect([
            ...before.frames,
            ...after.frames.map((one) => ({
              ...one,
              start: one.start + cut.start,
              end: one.end + cut.start,
              line: one.line + cut.line,
            })),
          ]).toEqual(whole.frames);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('every byte is part of a record or of a line break', () => {
    fc.assert(
      fc.property(nasty, (bytes) => {
        const rest = [...bytes];
        for (const { start, end } of frame(bytes).frames) rest.fill(0x0a, start, end);
        expect(rest.every((byte) => byte === 0x0a || byte === 0x0d)).toBe(true);
      }),
    );
  });
});
