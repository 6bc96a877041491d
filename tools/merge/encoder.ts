import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';
import { MergeError } from '../../report/terminal/errors.ts';

/**
 * Encodes text; undefined if the encoding lacks one of its characters.
 * @throws MergeError when text cannot be written in the encoding.
 */
export function encoderOf(encoding: string): (text: string) => Buffer | undefined {
  if (!iconv.encodingExists(encoding)) {
    throw new MergeError(`Rows cannot be written in ${encoding}. Correct them in the file itself.`);
  }
  // The file is read by this decoder, so what it does not give back would be altered.
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return (text) => {
    const bytes = iconv.encode(text, encoding, { addBOM: false });
    return decoder.decode(bytes) === text ? bytes : undefined;
  };
}
