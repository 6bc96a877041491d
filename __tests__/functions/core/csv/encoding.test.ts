import fc from 'fast-check';
import { detectEncoding, withoutUtf16 } from '../../../../functions/core/csv/encoding.ts';
import { reader } from '../../../support/bytes.ts';

function utf16(text: string, bigEndian: boolean): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

async function rewritten(bytes: Buffer, bigEndian: boolean, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const text = reader(bytes, size)(0, bytes.length);
  for await (const piece of withoutUtf16(text, bigEndian ? 'utf-16be' : 'utf-16le')) pieces.push(piece);
  return Buffer.concat(pieces);
}

test.each([
  ['UTF-8', Buffer.from('id,name'), 'utf-8'],
  ['UTF-8 with a mark', Buffer.from('\uFEFFid,name'), 'utf-8'],
  ['UTF-16 LE with a mark', utf16('\uFEFFid', false), 'utf-16le'],
  ['UTF-16 BE with a mark', utf16('\uFEFFid', true), 'utf-16be'],
  ['UTF-16 LE', utf16('id,', false), 'utf-16le'],
  ['UTF-16 BE', utf16('id,', true), 'utf-16be'],
  ['UTF-16 LE that begins beyond latin1', utf16('Имя,id,name,note', false), 'utf-16le'],
  ['UTF-16 BE that begins beyond latin1', utf16('Имя,id,name,note', true), 'utf-16be'],
  ['UTF-8 with a NUL', Buffer.from('id,na\0me,amount,date'), 'utf-8'],
  ['nothing', Buffer.alloc(0), 'utf-8'],
  ['one byte', Buffer.from('i'), 'utf-8'],
  ['zero bytes', Buffer.alloc(4), 'utf-8'],
])('%s is told from its first bytes', (_, bytes, encoding) => {
  expect(detectEncoding(bytes.subarray(0, 64), 'utf-8')).toBe(encoding);
});

test('a text is the same in UTF-8, in whatever pieces it comes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      async (text, bigEndian, size) => {
        expect((await rewritten(utf16(text, bigEndian), bigEndian, size)).toString()).toBe(text);
      },
    ),
    { numRuns: 1_000 },
  );
});

test.each([
  ['a first half of a character alone', 'a\uD83Db', 'a\xffb'],
  ['a second half alone', 'a\uDE00b', 'a\xffb'],
  ['halves in the wrong order', 'a\uDE00\uD83Db', 'a\xff\xffb'],
  ['a first half at the end', 'a\uD83D', 'a\xff'],
  ['and a replacement character of its own', '\uFFFDa\uDE00', '\xef\xbf\xbda\xff'],
])('%s becomes a byte that is no UTF-8, and so a rejected row', async (_, text, expected) => {
  for (const size of [1, 2, 3, 100]) {
    for (const bigEndian of [false, true]) {
      expect((await rewritten(utf16(text, bigEndian), bigEndian, size)).toString('latin1')).toBe(expected);
    }
  }
});

test('a byte too few is no UTF-8 either', async () => {
  expect((await rewritten(utf16('ab', false).subarray(0, 3), false, 2)).toString('latin1')).toBe('a\xff');
});
