/**
 * Finds where a record begins in a window of a file, without reading what precedes the window. A line break may be part
 * of a quoted field, so this is a guess. The window is framed twice: once as if it began outside quotes, and once as if
 * it began inside. The assumption under which more of it looks like records wins. Validation proves or refutes the
 * guess.
 */

import { type Delimited, fieldSplitter, syntaxOf } from './dialect.ts';
import { type Frame, Framer, type Frames } from './framing.ts';

/** Score of a record with a fault, against 1 for a valid one: few byte sequences look like records by chance. */
const FAULT_COST = 4;

/**
 * Position in the window at which a record probably begins.
 * @param window bytes from anywhere in the file.
 * @param width fields per record.
 * @returns undefined unless two records end within the window.
 */
export function findRecordStart(window: Buffer, dialect: Delimited, width: number): number | undefined {
  const quote = Buffer.from([syntaxOf(dialect).quote]);
  const split = fieldSplitter(dialect);
  const assumptions = [{ bytes: window, shift: 0 }];
  if (window.includes(quote)) {
    assumptions.push({ bytes: Buffer.concat([quote, window]), shift: -1 });
    // The window may begin with the second half of a doubled quote.
    if (window[0] === quote[0])
      assumptions.push({ bytes: Buffer.concat([quote, window.subarray(1)]), shift: 0 });
  }
  let best: { readonly score: number; readonly start: number } | undefined;
  for (const { bytes, shift } of assumptions) {
    const frames = framesIn(bytes, dialect);
    const [partial, first] = frames;
    if (partial === undefined || first === undefined) continue;
    let score = partial.fault === undefined ? 0 : -FAULT_COST;
    for (const frame of frames.slice(1)) {
      const isValid = frame.fault === undefined && split(text(bytes, frame, dialect)).length === width;
      score += isValid ? 1 : -FAULT_COST;
    }
    if (best === undefined || score > best.score) best = { score, start: first.start + shift };
  }
  return best?.start;
}

/** The records that end in the window. */
function framesIn(window: Buffer, dialect: Delimited): Frame[] {
  const placed = ({ offset, frames }: Frames) =>
    frames.map((frame) => ({ ...frame, start: offset + frame.start, end: offset + frame.end }));
  return [...new Framer(dialect).push(window)].flatMap(placed);
}

/** The text of a record. A character that is not valid in the encoding does not change the number of its fields. */
function text(bytes: Buffer, { start, end }: Frame, { encoding }: Delimited): string {
  return bytes.toString(encoding === 'windows-1252' ? 'latin1' : 'utf8', start, end);
}
