import { Readable } from 'node:stream';
import { compressionOf, decompress } from '../../../functions/core/container/containers.ts';
import { COMPRESSORS } from '../../../tools/merge/compressors.ts';
import { reader } from '../../support/bytes.ts';

test.each(['gzip', 'zip', 'zstd'] as const)(
  'a file in %s is written so that it can be read again',
  async (kind) => {
    const rows = Array.from({ length: 5_000 }, (_, row) => `${row},Ada ${row * 7919}\n`);
    const bytes = Buffer.concat(
      await Readable.from(rows.map((row) => Buffer.from(row)))
        .pipe(COMPRESSORS[kind]())
        .toArray(),
    );
    expect(compressionOf(bytes)).toBe(kind);
    const file = { read: reader(bytes), size: bytes.length, name: 'the file' };
    expect(Buffer.concat(await Readable.from(decompress(file, kind)).toArray()).toString()).toBe(
      rows.join(''),
    );
  },
);
