import fc from 'fast-check';
import { detectEncoding, utf16ToUtf8 } from '../../../../functions/core/csv/encoding.ts';
import { reader } from '../../../support/bytes.ts';

function utf16(text: string, bigEndian: boolean): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

async function rewritten(bytes: Buffer, bigEndian: boolean, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const text = reader(bytes, size)(0, bytes.length);
  for await (const piece of utf16ToUtf8(text, bigEndian ? 'utf-16be' : 'utf-16le')) pieces.push(piece);
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
    { numRuns: 1_000 },
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
