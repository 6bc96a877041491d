/** Random damage to the bytes of a file. */

import fc from 'fast-check';

type Kind = 'replace' | 'insert' | 'delete' | 'swap' | 'duplicate' | 'truncate';

/** A change of some bytes. Positions are fractions of the file's size, so that they suit any file. */
export interface Mutation {
  readonly kind: Kind;
  /** Whether the header may be changed too. */
  readonly isAnywhere: boolean;
  readonly at: number;
  readonly to: number;
  /** Bytes to insert. */
  readonly bytes: readonly number[];
  /** Number of bytes to delete or duplicate. */
  readonly length: number;
}

const often: readonly Kind[] = ['replace', 'insert', 'delete', 'swap', 'duplicate'];
const part = fc.nat({ max: 2 ** 20 - 1 }).map((value) => value / 2 ** 20);
const byte = fc.oneof(
  { arbitrary: fc.constantFrom(0x22, 0x22, 0x2c, 0x3b, 0x09, 0x7c, 0x0d, 0x0a, 0x00), weight: 6 },
  { arbitrary: fc.integer({ min: 0x80, max: 0xff }), weight: 3 },
  { arbitrary: fc.nat({ max: 0xff }), weight: 1 },
);

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...often, ...often, ...often, 'truncate' as const),
  isAnywhere: fc.nat({ max: 15 }).map((one) => one === 0),
  at: part,
  to: part,
  bytes: fc.array(byte, { minLength: 1, maxLength: 3 }),
  length: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 4 }), weight: 4 },
    { arbitrary: fc.integer({ min: 1, max: 80 }), weight: 1 },
  ),
});

/** One to ten mutations, more often few than many. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.oneof(
  fc.array(mutation, { minLength: 1, maxLength: 2 }),
  fc.array(mutation, { minLength: 1, maxLength: 10 }),
);

/** @param headerEnd position up to which a file stays unchanged, unless a mutation may change the header. */
export function mutated(file: Buffer, headerEnd: number, all: readonly Mutation[]): Buffer {
  let bytes = file;
  for (const mutation of all) bytes = mutate(bytes, headerEnd, mutation);
  return bytes;
}

function mutate(bytes: Buffer, headerEnd: number, { isAnywhere, kind, ...how }: Mutation): Buffer {
  const first = isAnywhere ? 0 : Math.min(headerEnd, bytes.length);
  const place = (where: number): number => first + Math.floor(where * (bytes.length - first));
  const [at, to] = [place(how.at), place(how.to)];
  const before = bytes.subarray(0, at);
  switch (kind) {
    case 'replace':
      return Buffer.concat([before, Buffer.from(how.bytes), bytes.subarray(at + how.bytes.length)]);
    case 'insert':
      return Buffer.concat([before, Buffer.from(how.bytes), bytes.subarray(at)]);
    case 'delete':
      return Buffer.concat([before, bytes.subarray(at + how.length)]);
    case 'duplicate':
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at, at + how.length), bytes.subarray(to)]);
    case 'truncate':
      return before;
    case 'swap': {
      const swapped = Buffer.from(bytes);
      // Positions in an empty body are past its end, where a buffer ignores writes.
      [swapped[at], swapped[to]] = [bytes[to] ?? 0, bytes[at] ?? 0];
      return swapped;
    }
  }
}
