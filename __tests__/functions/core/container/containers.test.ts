import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { strToU8, Zip, ZipDeflate, zipSync } from 'fflate';
import {
  compressionOf,
  decompress,
  isCsvName,
  limitBytes,
} from '../../../../functions/core/container/containers.ts';
import { reader } from '../../../support/bytes.ts';

const rows = `id,name\n${Array.from({ length: 500 }, (_, row) => `${row},Ada ${row * 7919}\n`).join('')}`;

async function decompressed(bytes: Buffer, pieceBytes = 65_536): Promise<string> {
  const compression = compressionOf(bytes);
  if (compression === 'none') throw new Error('The file is not recognized.');
  const file = { read: reader(bytes, pieceBytes), size: bytes.length, name: 'the file' };
  const pieces: Buffer[] = [];
  for await (const piece of decompress(file, compression)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function zip(files: Readonly<Record<string, string>>, level: 0 | 6 = 6): Buffer {
  const contents = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  return Buffer.from(zipSync(Object.fromEntries(contents), { level }));
}

/** An archive whose sizes are after the contents, as programs write it that do not know them first. */
function streamedZip(text: string): Buffer {
  const pieces: Uint8Array[] = [];
  const archive = new Zip((_, piece) => pieces.push(piece));
  const file = new ZipDeflate('orders.csv');
  archive.add(file);
  file.push(strToU8(text), true);
  archive.end();
  return Buffer.concat(pieces);
}

/** Made by a script from the specification: every size and position is in a zip64 field. */
const zip64 = Buffer.from(
  'UEsDBC0AAAAIAAAAIQBck8O2//////////8KABQAb3JkZXJzLmNzdgEAEAAOAAAAAAAAABAAAAAAAAAAy0zRyUvMTeUy1HFMSeQCAFBLAQItAC0AAAAIAAAAIQBck8O2//////////8KABwAAAAAAAAAAAAAAP////9vcmRlcnMuY3N2AQAYAA4AAAAAAAAAEAAAAAAAAAAAAAAAAAAAAFBLBgYsAAAAAAAAAC0ALQAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAABUAAAAAAAAAEwAAAAAAAAAUEsGBwAAAACgAAAAAAAAAAEAAABQSwUGAAAAAP///////////////wAA',
  'base64',
);

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

/** Position of the directory's entry. */
const directory = (bytes: Buffer): number => bytes.indexOf('PK\x01\x02', 0, 'latin1');

const deflated = zip({ 'orders.csv': rows });
const stored = zip({ 'orders.csv': rows }, 0);
const gzipped = gzipSync(rows);
const zstd = zstdCompressSync(rows, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
const skippedFrame = Buffer.from('502a4d1803000000aabbcc', 'hex');

test.each([
  ['gzip', gzipped],
  ['gzip in two members', Buffer.concat([gzipSync(rows.slice(0, 99)), gzipSync(rows.slice(99))])],
  ['gzip with zero padding', Buffer.concat([gzipped, Buffer.alloc(600)])],
  ['zstd', zstd],
  [
    'zstd in three frames',
    Buffer.concat(
      [rows.slice(0, 9), rows.slice(9, 2_000), rows.slice(2_000)].map((part) => zstdCompressSync(part)),
    ),
  ],
  ['zstd with frames to skip', Buffer.concat([skippedFrame, zstd, skippedFrame])],
  ['zip', deflated],
  ['zip without compression', stored],
  ['zip in a folder', zip({ 'export/': '', 'export/orders.csv': rows })],
  ['zip by macOS', zip({ 'orders.csv': rows, '.DS_Store': 'x', '__MACOSX/._orders.csv': 'x' })],
  ['zip whose sizes follow the contents', streamedZip(rows)],
])('%s holds the text, in pieces of any size', async (_, bytes) => {
  for (const pieceBytes of [1, 7, 1_000, 65_536]) expect(await decompressed(bytes, pieceBytes)).toBe(rows);
});

test('a zip64 archive holds the text', async () => {
  expect(await decompressed(zip64, 5)).toBe('id,name\n1,Ada\n');
});

const anAttempt = 'Compress the file again and upload it.';

test.each([
  ['gzip', gzipped.subarray(0, -9), `the file cannot be decompressed: unexpected end of file. ${anAttempt}`],
  [
    'gzip with garbage after it',
    Buffer.concat([gzipped, Buffer.from('garbage')]),
    `the file cannot be decompressed: more data follows the compressed data, and is not gzip. ${anAttempt}`,
  ],
  ['zstd', zstd.subarray(0, -5), `the file cannot be decompressed: unexpected end of file. ${anAttempt}`],
  [
    'zstd with garbage after it',
    Buffer.concat([zstd, Buffer.from('garbage')]),
    `the file cannot be decompressed: more data follows byte ${zstd.length}, and is not zstd. ${anAttempt}`,
  ],
  [
    'zstd with another checksum',
    changed(zstd, (copy) => copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1)),
    "Restored data doesn't match checksum",
  ],
  ['zip without its end', deflated.subarray(0, -30), 'the directory at its end cannot be read, because'],
  [
    'zip with garbage after it',
    Buffer.concat([deflated, Buffer.from('x')]),
    `the file cannot be decompressed: the directory at its end cannot be read, because the file is truncated or damaged, or more data follows it. ${anAttempt}`,
  ],
  [
    'zip with another checksum',
    changed(stored, (copy) => copy.write('X', 100)),
    `the file cannot be decompressed: its checksum is wrong. ${anAttempt}`,
  ],
  [
    'zip that is larger than its directory says',
    changed(deflated, (copy) => copy.writeUInt32LE(10, directory(copy) + 24)),
    'its directory says that it has 10 bytes, which is not true',
  ],
  [
    'zip that is smaller than its directory says',
    changed(deflated, (copy) => copy.writeUInt32LE(1_000_000, directory(copy) + 24)),
    'its directory says that it has 1000000 bytes, which is not true',
  ],
  [
    'zip whose contents end early',
    changed(deflated, (copy) =>
      copy.writeUInt32LE(copy.readUInt32LE(directory(copy) + 20) - 3, directory(copy) + 20),
    ),
    'unexpected end of file',
  ],
  [
    'zip whose contents are said to be outside of it',
    changed(deflated, (copy) => copy.writeUInt32LE(1_000_000, directory(copy) + 20)),
    'the directory at its end cannot be read, because',
  ],
  [
    'zip that is encrypted',
    changed(deflated, (copy) => copy.writeUInt16LE(1, directory(copy) + 8)),
    'the file is encrypted. Compress the CSV file without a password.',
  ],
  [
    'zip with another method',
    changed(deflated, (copy) => copy.writeUInt16LE(9, directory(copy) + 10)),
    'is compressed with method 9, which is not supported. Compress it with Deflate, the usual method.',
  ],
  ['zip without a file', zip({}), 'the file has no file in it.'],
  ['zip with a folder only', zip({ 'export/': '' }), 'the file has no file in it.'],
  [
    'zip with two files',
    zip({ 'a.csv': rows, 'b.csv': rows }),
    'the file has 2 files in it. A zip file must have exactly one CSV file in it; upload several CSV files one by one.',
  ],
  [
    'zip with many files',
    zip(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}.csv`, 'a']))),
    'the file has 300 files in it.',
  ],
])('%s is refused if it is damaged or not one file', async (_, bytes, message) => {
  for (const pieceBytes of [7, 65_536]) {
    await expect(decompressed(bytes, pieceBytes)).rejects.toMatchObject({
      name: 'DecompressionError',
      message: expect.stringContaining(message),
    });
  }
});

test('a workbook of Excel is refused as what it is', async () => {
  const workbook = zip({ 'xl/workbook.xml': '<workbook/>', '[Content_Types].xml': '<Types/>' });
  await expect(decompressed(workbook)).rejects.toMatchObject({
    name: 'NotCsvError',
    message:
      'the file is an Excel workbook (.xlsx) or another Office file, not CSV. Save it as CSV UTF-8 in the program that made it, and upload that.',
  });
});

test('a zip archive whose every byte is changed in turn is read, or refused with an error about it', async () => {
  const small = zip({ 'orders.csv': 'id,name\n1,Ada\n2,Bob\n' });
  for (const position of small.keys()) {
    for (const mask of [1, 0xff]) {
      const bytes = changed(small, (copy) => copy.writeUInt8(copy.readUInt8(position) ^ mask, position));
      if (compressionOf(bytes) !== 'zip') continue;
      const result = await decompressed(bytes).catch((error: Error) => error.name);
      expect(['id,name\n1,Ada\n2,Bob\n', 'DecompressionError']).toContain(result);
    }
  }
});

test('an error of reading an archive is not one of the archive', async () => {
  const file = {
    // biome-ignore lint/correctness/useYield: it fails before there is anything
    read: async function* () {
      throw new TypeError('no network');
    },
    size: deflated.length,
    name: 'the file',
  };
  await expect(decompress(file, 'zip').next()).rejects.toThrow(TypeError);
});

test.each([
  ['gzip', gzipSync(Buffer.alloc(4 * 2 ** 20))],
  ['zip', zip({ 'a.csv': '\0'.repeat(4 * 2 ** 20) })],
  ['zstd', zstdCompressSync(Buffer.alloc(4 * 2 ** 20))],
])('%s that decompresses to more than is allowed is stopped there', async (_, bytes) => {
  let requested = 0;
  const read = reader(bytes, 1_000);
  const file = {
    read: (start: number, end: number) => {
      requested += 1;
      return read(start, end);
    },
    size: bytes.length,
    name: 'the file',
  };
  const compression = compressionOf(bytes);
  if (compression === 'none') throw new Error('The file is not recognized.');
  let size = 0;
  const all = async (): Promise<void> => {
    for await (const piece of limitBytes(decompress(file, compression), 100_000, 'the file'))
      size += piece.length;
  };
  await expect(all()).rejects.toThrow('the file decompresses to more than the 100000 bytes allowed');
  expect(size).toBeLessThanOrEqual(100_000);
  expect(requested).toBeLessThan(5);
});

test.each([
  ['a.csv', true],
  ['a.CSV', true],
  ['b/a.csv.gz', true],
  ['a.Csv.Zst', true],
  ['a.zip', true],
  ['a.csv.zip', true],
  ['a.gz', false],
  ['a.xlsx', false],
  ['acsv', false],
])('whether %s starts the pipeline: %s', (name, expected) => {
  expect(isCsvName(name)).toBe(expected);
});
