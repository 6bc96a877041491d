/** Random damage to the bytes of a file. */

import fc from 'fast-check';

type Kind = 'replace' | 'insert' | 'delete' | 'swap' | 'duplicate' | 'truncate';

/** A change to bytes of a file. Positions are fractions of its size, so that they fit any file. */
export interface Mutation {
  readonly kind: Kind;
  /** Whether the header may be changed too. */
  readonly isAnywhere: boolean;
  readonly at: number;
  readonly to: number;
  /** Bytes that are inserted. */
  readonly bytes: readonly number[];
  /** Number of bytes to delete or duplicate. */
  readonly length: number;
}

const frequent: readonly Kind[] = ['replace', 'insert', 'delete', 'swap', 'duplicate'];
const fraction = fc.nat({ max: 2 ** 20 - 1 }).map((value) => value / 2 ** 20);
const byte = fc.oneof(
  { arbitrary: fc.constantFrom(0x22, 0x22, 0x2c, 0x3b, 0x09, 0x7c, 0x0d, 0x0a, 0x00), weight: 6 },
  { arbitrary: fc.integer({ min: 0x80, max: 0xff }), weight: 3 },
  { arbitrary: fc.nat({ max: 0xff }), weight: 1 },
);

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...frequent, ...frequent, ...frequent, 'truncate' as const),
  isAnywhere: fc.nat({ max: 15 }).map((one) => one === 0),
  at: fraction,
  to: fraction,
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

/** @param headerEnd byte in front of which only mutations with `isAnywhere` change the file. */
export function mutated(file: Buffer, headerEnd: number, all: readonly Mutation[]): Buffer {
  let bytes = file;
  for (const mutation of all) bytes = mutate(bytes, headerEnd, mutation);
  return bytes;
}

function mutate(bytes: Buffer, headerEnd: number, { isAnywhere, kind, ...how }: Mutation): Buffer {
  const first = isAnywhere ? 0 : Math.min(headerEnd, bytes.length);
  const position = (share: number): number => first + Math.floor(share * (bytes.length - first));
  const [at, to] = [position(how.at), position(how.to)];
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
      // The positions of an empty body are past its end, where a buffer ignores assignments.
      [swapped[at], swapped[to]] = [bytes[to] ?? 0, bytes[at] ?? 0];
      return swapped;
    }
  }
}
