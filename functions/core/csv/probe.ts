/**
 * Finds, in a window of a file, where a record begins, without having read what stands before it. A line break may be
 * part of a quoted field, so this is a guess: the window is framed on the assumption that it begins outside quotes,
 * and on the assumption that it begins inside, and the assumption wins under which more of it looks like records.
 * Validation proves the guess, or refutes it.
 */

import { type Frame, Framer } from './framing.ts';

const QUOTE = 0x22;

/** What a record that does not look like one weighs against one that does: few things look like records by chance. */
const COST_OF_FAULT = 4;

/**
 * The byte of the window at which a record probably begins.
 * @param window bytes from somewhere in the file.
 * @param delimiter between fields, one ASCII character.
 * @param width fields of a record.
 * @returns undefined when no record ends and another one ends within the window.
 */
export function findRecordStart(window: Buffer, delimiter: string, width: number): number | undefined {
  const quote = Buffer.from([QUOTE]);
  const assumptions = [{ bytes: window, shift: 0 }];
  if (window.includes(QUOTE)) {
    assumptions.push({ bytes: Buffer.concat([quote, window]), shift: -1 });
    // The window may begin with the second one of two quotes that stand for one.
    if (window[0] === QUOTE)
      assumptions.push({ bytes: Buffer.concat([quote, window.subarray(1)]), shift: 0 });
  }
  let best: { readonly score: number; readonly start: number } | undefined;
  for (const { bytes, shift } of assumptions) {
    const { frames } = new Framer(delimiter).push(bytes);
    const [partial, first] = frames;
    if (partial === undefined || first === undefined) continue;
    let score = partial.fault === undefined ? 0 : -COST_OF_FAULT;
    for (const frame of frames.slice(1)) {
      const isValid = frame.fault === undefined && countFields(bytes, frame, delimiter) === width;
      score += isValid ? 1 : -COST_OF_FAULT;
    }
    if (best === undefined || score > best.score) best = { score, start: first.start + shift };
  }
  return best?.start;
}

/** Fields of a record without a fault: in it, every second quote closes one. */
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
