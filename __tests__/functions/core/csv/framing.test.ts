import fc from 'fast-check';
import { type Frame, Framer, type Frames, MAX_RECORD_BYTES } from '../../../../functions/core/csv/framing.ts';
import { inFull } from '../../../support/full-run.ts';

function moved(frame: Frame, by: number): Frame {
  const { start, end, quote } = frame;
  return { ...frame, start: start + by, end: end + by, ...(quote !== undefined && { quote: quote + by }) };
}

/** All frames of a file, with positions in the file, read in pieces of the given sizes. */
function frame(bytes: Buffer, pieces: readonly number[] = []): { frames: Frame[]; lines: number } {
  const framer = new Framer({ delimiter: ',' });
  const frames: Frame[] = [];
  const take = (read: Iterable<Frames>) => {
    for (const { offset, frames: some } of read) {
      for (const one of some) frames.push(moved(one, offset));
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

  test.each([
    [
      'a quote in a note of several lines',
      '1,"a 5" pipe\n2,inner\nend"\n3,c\n',
      ['stray_quote: 1,"a 5" pipe\n2,inner\nend"', '3,c'],
    ],
    [
      'quotes around a word in a note of several lines',
      '1,"a "big" one\n2,inner\nend"\n3,c\n',
      ['stray_quote: 1,"a "big" one\n2,inner\nend"', '3,c'],
    ],
    [
      'quotes around the last word of a line of a note',
      '1,"a "big"\n2,inner\nend"\n3,c\n',
      ['stray_quote: 1,"a "big"\n2,inner\nend"', '3,c'],
    ],
    [
      'a quote on a later line of a note',
      '1,"a\nb "c" d\n2,inner\nend"\n3,c\n',
      ['stray_quote: 1,"a\nb "c" d\n2,inner\nend"', '3,c'],
    ],
    [
      'a quote that starts a line of a note',
      '1,"a\n"b" c\n2,inner\nend"\n3,c\n',
      ['unclosed_quote: 1,"a', 'stray_quote: "b" c\n2,inner\nend"', '3,c'],
    ],
    [
      'text after a quoted field, in front of a field of several lines',
      '1,"a"b,"x\n2,inner\n"\n3,c\n',
      ['stray_quote: 1,"a"b,"x\n2,inner\n"', '3,c'],
    ],
    [
      'text after a quoted field, behind a field of several lines',
      '1,"x\n2,inner\n","a"b\n3,c\n',
      ['stray_quote: 1,"x\n2,inner\n","a"b', '3,c'],
    ],
    [
      'blanks in front of a field of several lines',
      '1, "x\n2,inner\n"\n3,c\n',
      ['spaced_quote: 1, "x\n2,inner\n"', '3,c'],
    ],
    [
      'a quote in an unquoted field, in front of a field of several lines',
      '1,5",6",7","x\n2,inner\n"\n3,c\n',
      ['bare_quote: 1,5",6",7","x\n2,inner\n"', '3,c'],
    ],
    [
      'an unclosed quote behind a field of several lines',
      '1,"x\n2,inner\n","a\n3,c\n',
      ['unclosed_quote: 1,"x\n2,inner\n","a', '3,c'],
    ],
  ])('%s: no inner line is a record', (_, csv, expected) => {
    expect(recordStrings(csv)).toEqual(expected);
  });

  test.each([
    ['unquoted', 'x'.repeat(MAX_RECORD_BYTES + 1)],
    ['in a field of several lines', `"${'9,inner\n'.repeat(60_000)}"`],
    ['behind a long field', `${'x'.repeat(MAX_RECORD_BYTES + 1)},"\n9,inner\n"`],
    ['in front of a misplaced quote', `"${'9,inner\n'.repeat(60_000)}","a"b`],
  ])('a record over the limit is skipped up to its own end: %s', (_, field) => {
    const bytes = Buffer.from(`1,a\n2,${field}\n3,c\n`);
    const { frames, lines } = frame(bytes, Array(100).fill(30_000));
    expect(frames.map(({ line, fault }) => [line, fault])).toEqual([
      [0, undefined],
      [1, 'record_too_long'],
      [lines - 1, undefined],
    ]);
    expect(lines).toBe(bytes.toString().split('\n').length - 1);
    for (const { start, end } of frames) expect(end - start).toBeLessThanOrEqual(MAX_RECORD_BYTES);
  });

  test('a quote that is never closed costs its line, however much of the file follows', () => {
    const rows = 200_000;
    const bytes = Buffer.from(`1,"a\n${'2,bbbbbbbbbb\n'.repeat(rows)}`);
    const framer = new Framer({ delimiter: ',' });
    const faults: unknown[] = [];
    let records = 0;
    let largest = 0;
    const take = (read: Iterable<Frames>) => {
      for (const { bytes: passedOn, frames } of read) {
        records += frames.length;
        largest = Math.max(largest, passedOn.length);
        faults.push(...frames.flatMap(({ fault }) => fault ?? []));
      }
    };
    for (let at = 0; at < bytes.length; at += 65_536) take(framer.push(bytes.subarray(at, at + 65_536)));
    take(framer.end());
    expect(faults).toEqual(['unclosed_quote']);
    expect(records).toBe(rows + 1);
    // What is passed on at a time does not grow with what has been searched.
    expect(largest).toBeLessThan(2 * 1_048_576);
  });

  /** Calls of `Buffer.indexOf` and bytes read one by one, which is all that framing does with the bytes. */
  function countedReads(bytes: Buffer): number {
    let reads = 0;
    const counted = new Proxy(bytes, {
      get(target, name) {
        if (name === 'indexOf') {
          return (value: number, from: number) => {
            const found = target.indexOf(value, from);
            reads += (found === -1 ? target.length : found) - from + 1;
            return found;
          };
        }
        if (name === 'subarray') {
          return (start: number, end: number) =>
            start === 0 && end === target.length ? counted : target.subarray(start, end);
        }
        reads += typeof name === 'string' && /^\d+$/.test(name) ? 1 : 0;
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    for (const _ of new Framer({ delimiter: ',' }).push(counted));
    return reads;
  }

  test.each([
    ['each line opens a quote that the next one closes', 'a","\n'],
    ['each line opens a quote that none closes', 'a,"b\n'],
    ['each line has two quotes in front of text', '""a\n'],
    ['each line has three quotes in front of text', '"""a\n'],
    ['each line has text after a quoted field', '"a"b,c\n'],
    ['each line has a quote in a quoted field', '"a"b",c\n'],
    ['each line has a quote in an unquoted field', 'a"b,c\n'],
    ['each line has blanks in front of a quote', ' "a"b"\n'],
    ['each line has a lone quote', '"\n'],
  ])('the number of bytes read is linear: %s', (_, line) => {
    const few = countedReads(Buffer.from(line.repeat(500)));
    const many = countedReads(Buffer.from(line.repeat(5_000)));
    expect(many).toBeLessThan(11 * few);
    expect(many).toBeLessThan(20 * line.length * 5_000);
  });

  test.each([
    ['a line', ''],
    ['a quoted field', '"'],
  ])('%s that does not end is an error that says where it starts', (_, start) => {
    const framer = new Framer({ delimiter: ',' }, 1_000);
    const piece = Buffer.alloc(1_048_576, 'x');
    const read = (bytes: Buffer) => [...framer.push(bytes)];
    read(Buffer.from(`1,a\n${start}`));
    expect(() => {
      for (let index = 0; index < 70; index += 1) read(piece);
    }).toThrow(
      expect.objectContaining({ name: 'NotCsvError', message: expect.stringContaining('byte 1004 ') }),
    );
  });

  test('the end-of-file byte of DOS is not part of a record', () => {
    const csv = '1,a\n2,"b"';
    for (const text of [csv, `${csv}\n`]) {
      expect(frame(Buffer.from(`${text}\x1a`), [4, 5, 1, 1]).frames).toEqual(frame(Buffer.from(text)).frames);
    }
    expect(recordStrings('1,\x1a\n2,b')).toEqual(['1,\x1a', '2,b']);
  });

  test('lines that are comments are no records', () => {
    const framer = new Framer({ delimiter: ',', comments: '#' });
    const bytes = Buffer.from('# "a\n1,#a\n#\n2,"\n#b\n"\n#end');
    const read = [...framer.push(bytes), ...framer.end()];
    const records = read.flatMap(({ bytes: some, frames }) =>
      frames.map(({ start, end }) => some.toString('utf8', start, end)),
    );
    expect(records).toEqual(['1,#a', '2,"\n#b\n"']);
    expect(framer.lines).toBe(7);
  });

  /** A cell of several lines, each of which looks like a record, in well-formed quotes. */
  const wellFormed = fc
    .array(fc.constantFrom('INNER,a', 'INNER,""b""', 'INNER,""', '""INNER"",c', 'INNER,', ' INNER,"",""'), {
      minLength: 1,
      maxLength: 4,
    })
    .map((lines) => `"x\n${lines.join('\n')}\ny"`);
  const other = fc.constantFrom(
    'a',
    '',
    '"a"',
    '5"',
    'a"b"c',
    '"a"b',
    '"a "b" c"',
    '"5" pipe"',
    ' "a"',
    '"""a"',
    '""a',
  );

  test('no line from inside a well-formed quoted cell is a record, whatever is wrong with the rest of its record', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.array(fc.oneof({ weight: 1, arbitrary: wellFormed }, { weight: 2, arbitrary: other }), {
            minLength: 1,
            maxLength: 4,
          }),
          {
            minLength: 1,
            maxLength: 6,
          },
        ),
        fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 30 }),
        (rows, pieces) => {
          const bytes = Buffer.from(rows.map((row) => `START,${row.join(',')}\n`).join(''));
          for (const { start, end } of frame(bytes, pieces).frames) {
            expect(bytes.toString('utf8', start, end)).toMatch(/^START/);
          }
        },
      ),
      { numRuns: inFull(3_000, 200) },
    );
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
      { numRuns: inFull(3_000, 200) },
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
            ...after.frames.map((one) => ({ ...moved(one, cut.start), line: one.line + cut.line })),
          ]).toEqual(whole.frames);
        }
      }),
      { numRuns: inFull(3_000, 200) },
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
