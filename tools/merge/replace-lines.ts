/** Replaces lines of a text, byte for byte, in any encoding that has its line breaks where ASCII has them. */

/** Lines to replace, without the line break of the last one. */
export interface Replacement {
  /** The first of the lines; the text's first line is 1. */
  readonly line: number;
  /** The number of lines. */
  readonly lines: number;
  readonly bytes: Buffer;
}

/**
 * Copies a text with some of its lines replaced. A line ends with LF, CRLF or CR. Holds one piece of the text.
 * @param text in pieces of any size.
 * @param replacements in the order of their lines.
 * @param encode encodes text as the file does, which gives line breaks and the byte order mark their bytes.
 */
export async function* replaceLines(
  text: AsyncIterable<Buffer>,
  replacements: AsyncIterator<Replacement, undefined>,
  encode: (text: string) => Buffer,
): AsyncGenerator<Buffer, void> {
  const [lf, cr, bom] = [encode('\n'), encode('\r'), encode('\uFEFF')];
  const unit = lf.length;
  let line = 1;
  let next = (await replacements.next()).value;
  /** Whether the current line is being left out, because its replacement has been written. */
  let isReplaced = false;

  async function* copy(bytes: Buffer): AsyncGenerator<Buffer, void> {
    let from = 0;
    if (line === next?.line && !isReplaced) {
      isReplaced = true;
      yield next.bytes;
    }
    for (let [nextLf, nextCr, position] = [-1, -1, 0]; ; ) {
      if (nextLf < position) nextLf = find(bytes, lf, position);
      if (nextCr < position) nextCr = find(bytes, cr, position);
      const end = Math.min(nextLf, nextCr);
      if (end === Number.POSITIVE_INFINITY) break;
      position = end + (nextLf === end + unit ? 2 * unit : unit);
      if (isReplaced && next !== undefined && line === next.line + next.lines - 1) {
        isReplaced = false;
        from = end;
        next = (await replacements.next()).value;
      }
      line += 1;
      if (line === next?.line) {
        isReplaced = true;
        yield bytes.subarray(from, position);
        yield next.bytes;
      }
    }
    if (!isReplaced) yield bytes.subarray(from);
  }

  let rest: Buffer = Buffer.alloc(0);
  let isStart = true;
  for await (const piece of text) {
    let bytes = Buffer.concat([rest, piece]);
    if (isStart && bytes.length < bom.length) {
      rest = bytes;
      continue;
    }
    if (isStart && bytes.subarray(0, bom.length).equals(bom)) {
      yield bom;
      bytes = bytes.subarray(bom.length);
    }
    isStart = false;
    // The LF of a CRLF, or the other byte of a unit, may be in the next piece.
    let end = bytes.length - (bytes.length % unit);
    if (end >= unit && bytes.subarray(end - unit, end).equals(cr)) end -= unit;
    rest = bytes.subarray(end);
    yield* copy(bytes.subarray(0, end));
  }
  yield* copy(rest);
}

/** Position of the next unit with these bytes; infinite if there is none. */
function find(bytes: Buffer, unit: Buffer, from: number): number {
  let at = bytes.indexOf(unit, from);
  while (at !== -1 && at % unit.length !== 0) at = bytes.indexOf(unit, at + 1);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
}
