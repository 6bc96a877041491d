import fc from 'fast-check';
import { type Frame, Framer, MAX_RECORD_BYTES } from '../../../../functions/core/csv/framing.ts';

/** All frames of some bytes, with positions from the first of them, read in pieces of the given sizes. */
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

/** What the frames hold, as text. */
function texts(csv: string): string[] {
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
    expect(texts(csv)).toEqual(expected);
  });

  test.each([
    ['a quote in a field that is not quoted', '1,5" pipe\n2,b\n', ['bare_quote: 1,5" pipe', '2,b']],
    ['text behind a closing quote', '1,"a"b\n2,b\n', ['stray_quote: 1,"a"b', '2,b']],
    ['a quote that is never closed', '1,"a\n2,b\n3,c\n', ['unclosed_quote: 1,"a', '2,b', '3,c']],
    ['a quote that the next record closes', '1,"a\n2,"b"\n3,c\n', ['unclosed_quote: 1,"a', '2,"b"', '3,c']],
    ['an unclosed quote in the last line', '1,a\n2,"b', ['1,a', 'unclosed_quote: 2,"b']],
  ])('%s costs its line and no other', (_, csv, expected) => {
    expect(texts(csv)).toEqual(expected);
  });

  test('a record over the limit is given up, and reading goes on behind its line', () => {
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

  test('an open quote does not make it hold more than a record and a piece of the stream', () => {
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

  test('a file in which no record ends is framed in time that grows with it, not with its square', () => {
    // Each line opens a quote of its own, and the scan of the line before passes over it as text.
    const bytes = Buffer.from('a","\n'.repeat(200_000));
    const framer = new Framer(',');
    let faults = 0;
    const count = ({ frames }: ReturnType<Framer['push']>) => {
      for (const { fault } of frames) if (fault === 'unclosed_quote') faults += 1;
    };
    for (let at = 0; at < bytes.length; at += 65_536) count(framer.push(bytes.subarray(at, at + 65_536)));
    count(framer.end());
    // With a scan of 400 KB for each line this would not end within the time that a test has.
    expect(faults).toBe(200_000);
  });

  test('a line that does not end is given up in the end', () => {
    const framer = new Framer(',');
    const piece = Buffer.alloc(1_048_576, 'x');
    expect(() => {
      for (let index = 0; index < 70; index += 1) framer.push(piece);
    }).toThrow(expect.objectContaining({ name: 'NotCsvError' }));
  });

  test('lines count every line break, and a CRLF once', () => {
    const { frames, lines } = frame(Buffer.from('h\r\n\r\n"a\r\nb\nc\rd"\r\ne\n\nf'));
    expect(frames.map(({ line }) => line)).toEqual([0, 2, 6, 8]);
    expect(lines).toBe(9);
  });

  /** Bytes that make trouble more often than not. */
  const nasty = fc
    .array(fc.constantFrom('a', ',', '"', '""', '\n', '\r', '\r\n', '",', ',"', '"\n', 'é', ' '), {
      maxLength: 60,
    })
    .map((parts) => Buffer.from(parts.join('')));

  test('any bytes in any pieces give the same frames', () => {
    fc.assert(
      fc.property(nasty, fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 30 }), (bytes, pieces) => {
        expect(frame(bytes, pieces)).toEqual(frame(bytes));
      }),
      { numRuns: 3_000 },
    );
  });

  test('a cut before any record changes no record, on either side, nor its fault or line', () => {
    fc.assert(
      fc.property(nasty, (bytes) => {
        const whole = frame(bytes);
        for (const cut of whole.frames) {
          const before = frame(bytes.subarray(0, cut.start));
          const behind = frame(bytes.subarray(cut.start));
          expect(before.lines).toBe(cut.line);
          expect([
            ...before.frames,
            ...behind.frames.map((one) => ({
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

  test('every byte is in a record or in a line break', () => {
    fc.assert(
      fc.property(nasty, (bytes) => {
        const rest = [...bytes];
        for (const { start, end } of frame(bytes).frames) rest.fill(0x0a, start, end);
        expect(rest.every((byte) => byte === 0x0a || byte === 0x0d)).toBe(true);
      }),
    );
  });
});
