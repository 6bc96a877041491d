/** Writes a file in the container in which it was read. */

import { PassThrough, Transform } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import { Zip, ZipDeflate } from 'fflate';
import type { Compression } from '../../functions/core/messages.ts';
import { MergeError } from '../../report/terminal/errors.ts';

/** The stream that compresses a file. */
export const COMPRESSORS: Readonly<Record<Compression, () => Transform>> = {
  none: () => new PassThrough(),
  gzip: () => createGzip(),
  zstd: () => createZstdCompress(),
  zip: () => zipArchive(),
};

/** Largest size in bytes of a file in an archive without zip64, which fflate does not write. */
const MAX_ZIPPED_BYTES = 0xffffffff;

/** An archive with one file in it. */
function zipArchive(): Transform {
  const archive = new Zip((error, bytes) => {
    if (error === null) stream.push(bytes);
    else stream.destroy(error);
  });
  const file = new ZipDeflate('merged.csv');
  archive.add(file);
  let size = 0;
  const stream = new Transform({
    transform(bytes: Buffer, _, callback) {
      size += bytes.length;
      if (size > MAX_ZIPPED_BYTES) {
        callback(
          new MergeError('The file in the zip file is larger than 4 GiB. Compress it with gzip instead.'),
        );
        return;
      }
      file.push(bytes);
      callback();
    },
    flush(callback) {
      file.push(new Uint8Array(), true);
      archive.end();
      callback();
    },
  });
  return stream;
}
