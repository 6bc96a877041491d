/** Columns of bytes. */

import * as z from 'zod/mini';
import { choiceOf, mustBe, optionsOf } from '../options.ts';
import { outOfBounds } from './bounds.ts';
import { CellFault, COMMON, column, type Known } from './column.ts';

const binaryOptions = optionsOf({
  ...COMMON,
  /** How the bytes are written: base64 with its padding, or hex in upper or lower case. */
  encoding: choiceOf(['base64', 'hex']),
  /** Bytes that a cell may have at most. */
  maxLength: z.exactOptional(z.int({ error: mustBe('a whole number') })),
});
type BinaryOptions = z.input<typeof binaryOptions>;

/** Bytes, stored as they are. */
export function binary<const Options extends BinaryOptions>(options: Known<Options, BinaryOptions>) {
  return column<Uint8Array, Options, BinaryOptions>(
    'binary',
    binaryOptions,
    options,
    ({ encoding, maxLength = Number.POSITIVE_INFINITY }) => {
      const fault = new CellFault(
        'not_binary',
        `is not valid ${encoding === 'hex' ? 'hexadecimal' : 'Base64'} text`,
      );
      const tooLong = outOfBounds(`has more than ${maxLength} bytes`);
      return (cell) => {
        const bytes = Buffer.from(cell, encoding);
        // Node ignores what it cannot read, so only writing the bytes again shows that nothing was lost.
        const written = encoding === 'hex' ? cell.toLowerCase() : cell;
        if (bytes.toString(encoding) !== written) return fault;
        return bytes.length > maxLength ? tooLong : new Uint8Array(bytes);
      };
    },
  );
}
