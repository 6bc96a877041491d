import fc from 'fast-check';
import { detectEncoding, toUtf8 } from '../../../../functions/core/csv/encoding.ts';
import { reader } from '../../../support/bytes.ts';
import { inFull } from '../../../support/full-run.ts';

function utf16(text: string, bigEndian: boolean): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

async function rewritten(bytes: Buffer, bigEndian: boolean, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const text = reader(bytes, size)(0, bytes.length);
  for await (const piece of toUtf8(text, bigEndian ? 'utf-16be' : 'utf-16le')) pieces.push(piece);
  return Buffer.concat(pieces);
}

test.each([
  ['UTF-8', Buffer.from('id,name'), 'utf-8'],
  ['UTF-8 with a BOM', Buffer.from('\uFEFFid,name'), 'utf-8'],
  ['UTF-16 LE with a BOM', utf16('\uFEFFid', false), 'utf-16le'],
  ['UTF-16 BE with a BOM', utf16('\uFEFFid', true), 'utf-16be'],
  ['UTF-16 LE', utf16('id,', false), 'utf-16le'],
  ['UTF-16 BE', utf16('id,', true), 'utf-16be'],
  ['UTF-16 LE that begins with a character outside latin1', utf16('Имя,id,name,note', false), 'utf-16le'],
  ['UTF-16 BE that begins with a character outside latin1', utf16('Имя,id,name,note', true), 'utf-16be'],
  ['UTF-8 with a NUL', Buffer.from('id,na\0me,amount,date'), 'utf-8'],
  ['nothing', Buffer.alloc(0), 'utf-8'],
  ['one byte', Buffer.from('i'), 'utf-8'],
  ['zero bytes', Buffer.alloc(4), 'utf-8'],
])('%s is recognized by its first bytes', (_, bytes, encoding) => {
  expect(detectEncoding(bytes.subarray(0, 64), 'utf-8')).toBe(encoding);
});

test('text in pieces of any size is the same in UTF-8', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      async (text, bigEndian, size) => {
        expect((await rewritten(utf16(text, bigEndian), bigEndian, size)).toString()).toBe(text);
      },
    ),
    { numRuns: inFull(1_000, 100) },
  );
});

test.each([
  ['an unpaired high surrogate', 'a\uD83Db', 'a\xffb'],
  ['an unpaired low surrogate', 'a\uDE00b', 'a\xffb'],
  ['surrogates in the wrong order', 'a\uDE00\uD83Db', 'a\xff\xffb'],
  ['a high surrogate at the end', 'a\uD83D', 'a\xff'],
  ['an unpaired surrogate after a real replacement character', '\uFFFDa\uDE00', '\xef\xbf\xbda\xff'],
])('%s becomes a byte that is not UTF-8, so that its row is rejected', async (_, text, expected) => {
  for (const size of [1, 2, 3, 100]) {
    for (const bigEndian of [false, true]) {
      expect((await rewritten(utf16(text, bigEndian), bigEndian, size)).toString('latin1')).toBe(expected);
    }
  }
});

test('half a unit at the end becomes a byte that is not UTF-8', async () => {
  expect((await rewritten(utf16('ab', false).subarray(0, 3), false, 2)).toString('latin1')).toBe('a\xff');
});

async function legacy(bytes: Buffer, encoding: string, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of toUtf8(reader(bytes, size)(0, bytes.length), encoding)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Pairs of bytes, each in a line of its own: every first one, and every fifth second one. */
const pairs = Buffer.from(
  Array.from({ length: 128 * 41 }, (_, pair) => [
    0x80 + Math.floor(pair / 41),
    0x30 + 5 * (pair % 41),
    0x2c,
    0x0a,
  ]).flat(),
);
const lineCount = 128 * 41;

test.each(['shift_jis', 'gb18030', 'gbk', 'big5', 'euc-jp', 'euc-kr', 'windows-1251', 'macintosh', 'koi8-r'])(
  '%s in pieces of any size is what TextDecoder makes of it, and never loses a line break',
  async (encoding) => {
    const whole = (await legacy(pairs, encoding, pairs.length)).toString('latin1');
    expect(whole.split('\n')).toHaveLength(lineCount + 1);
    for (const size of [1, 7, 1_000]) {
      expect((await legacy(pairs, encoding, size)).toString('latin1')).toBe(whole);
    }
    const text = new TextDecoder(encoding).decode(pairs).split('\n');
    const lines = whole.split('\n');
    expect(lines.filter((line) => !line.includes('\xff')).length).toBeGreaterThan(lineCount / 20);
    for (const [index, line] of lines.entries()) {
      // A line with invalid bytes keeps 0xFF, which rejects its row; any other is exactly what is in the file.
      if (!line.includes('\xff')) expect(Buffer.from(line, 'latin1').toString()).toBe(text[index]);
    }
  },
);

test.each([
  ['shift_jis', 'a\x95', 'a\xff'],
  ['gb18030', '\x841\xa47\xff\x841\xa47\x841', '\xef\xbf\xbd\xff\xef\xbf\xbd\xff'],
  ['euc-kr', '\x81A', '\xffA'],
  ['big5', '\xc6\xa1', '\xff'],
])('%s that is invalid becomes a byte that is not UTF-8', async (encoding, bytes, expected) => {
  for (const size of [1, 2, 3, 100]) {
    expect((await legacy(Buffer.from(bytes, 'latin1'), encoding, size)).toString('latin1')).toBe(expected);
  }
});
