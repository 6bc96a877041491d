import fc from 'fast-check';
import { encoderOf } from '../../../tools/merge/encoder.ts';
import { replaceLines } from '../../../tools/merge/replace-lines.ts';

/** The bytes in pieces of a few bytes. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('lines are replaced in any encoding and in pieces of any size, and nothing else changes', async () => {
  const content = fc.string({
    unit: fc.constantFrom('a', '表', 'ソ', '\u010A', '\u0A0D', '\u0D0A', '"'),
    maxLength: 4,
  });
  const line = fc.record({
    content,
    end: fc.constantFrom('\n', '\r', '\r\n'),
    isNew: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.constantFrom('utf-8', 'utf-16le', 'utf-16be', 'shift_jis', 'gb18030'),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      async (all, encoding, hasBom, size) => {
        const encode = (text: string) => encoderOf(encoding)(text) ?? Buffer.alloc(0);
        const bom = hasBom && encoding.startsWith('utf') ? '\uFEFF' : '';
        // Without content, the LF of a line could follow the CR of the one in front of it.
        const lines = all.map((each) => ({
          ...each,
          content: `x${[...each.content].filter((one) => encode(one).length > 0).join('')}`,
        }));
        const before = Buffer.concat(lines.map((each) => encode(each.content + each.end)));
        const after = Buffer.concat(
          lines.map((each) => encode((each.isNew ? 'new' : each.content) + each.end)),
        );
        async function* replacements(): AsyncGenerator<
          { readonly line: number; readonly lines: number; readonly bytes: Buffer },
          undefined
        > {
          for (const [index, { isNew }] of lines.entries()) {
            if (isNew) yield { line: index + 1, lines: 1, bytes: encode('new') };
          }
          return undefined;
        }
        const copied: Buffer[] = [];
        const text = pieces(Buffer.concat([encode(bom), before]), size);
        for await (const bytes of replaceLines(text, replacements(), encode)) copied.push(bytes);
        expect(Buffer.concat(copied).toString('hex')).toBe(
          Buffer.concat([encode(bom), after]).toString('hex'),
        );
      },
    ),
  );
});

test('the encoder refuses what an encoding lacks, and an encoding that it does not know', () => {
  expect(encoderOf('windows-1252')('€')).toEqual(Buffer.from([0x80]));
  expect(encoderOf('windows-1252')('日')).toBeUndefined();
  expect(encoderOf('shift_jis')('日')).toEqual(Buffer.from([0x93, 0xfa]));
  expect(encoderOf('utf-8')('\uD800')).toBeUndefined();
  expect(() => encoderOf('iso-2022-jp')).toThrow('Rows cannot be written in iso-2022-jp');
});
