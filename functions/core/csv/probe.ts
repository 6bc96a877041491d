/**
 * Finds where a record begins in a window of a file, without reading what precedes the window. A line break may be part
 * of a quoted field, so this is a guess. The window is framed twice: once as if it began outside quotes, and once as if
 * it began inside. The assumption under which more of it looks like records wins. Validation proves or refutes the
 * guess.
 */

import { type Frame, Framer } from './framing.ts';

const QUOTE = 0x22;

/** Score of a record with a fault, against 1 for a valid one: few byte sequences look like records by chance. */
const FAULT_COST = 4;

/**
 * Position in the window at which a record probably begins.
 * @param window bytes from anywhere in the file.
 * @param delimiter one ASCII character.
 * @param width fields per record.
 * @returns undefined unless two records end within the window.
 */
export function findRecordStart(window: Buffer, delimiter: string, width: number): number | undefined {
  const quote = Buffer.from([QUOTE]);
  const assumptions = [{ bytes: window, shift: 0 }];
  if (window.includes(QUOTE)) {
    assumptions.push({ bytes: Buffer.concat([quote, window]), shift: -1 });
    // The window may begin with the second half of a doubled quote.
    if (window[0] === QUOTE)
      assumptions.push({ bytes: Buffer.concat([quote, window.subarray(1)]), shift: 0 });
  }
  let best: { readonly score: number; readonly start: number } | undefined;
  for (const { bytes, shift } of assumptions) {
    const { frames } = new Framer(delimiter).push(bytes);
    const [partial, first] = frames;
    if (partial === undefined || first === undefined) continue;
    let score = partial.fault === undefined ? 0 : -FAULT_COST;
    for (const frame of frames.slice(1)) {
      const isValid = frame.fault === undefined && countFields(bytes, frame, delimiter) === width;
      score += isValid ? 1 : -FAULT_COST;
    }
    if (best === undefined || score > best.score) best = { score, start: first.start + shift };
  }
  return best?.start;
}

/** Number of fields of a record without a fault, in which every second quote ends a quoted part. */
function countFields(bytes: Buffer, { start, end }: Frame, delimiter: string): number {
  const separator = delimiter.charCodeAt(0);
  let fields = 1;
  let isQuoted = false;
  for (let position = start; position < end; position += 1) {
    const byte = bytes[position];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === separator && !isQuoted) fields += 1;
  }
  return fields;
}
