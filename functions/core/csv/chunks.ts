/** Reads the records of a chunk. */

import type { S3Client } from '@aws-sdk/client-s3';
import type { ChunkJob } from '../messages.ts';
import { readRange } from '../storage/source.ts';
import type { ReadBytes } from '../storage/stored-file.ts';
import { isPlain } from './encoding.ts';
import { partKey } from './parts.ts';
import { type RecordBatch, readRecords } from './records.ts';

/**
 * Reads the records of a chunk.
 * @param start byte at which the first of them begins.
 */
export function readChunk(
  s3: S3Client,
  job: ChunkJob,
  reportsBucket: string,
  start: number,
): AsyncGenerator<RecordBatch, void> {
  const { chunk, format } = job;
  // A part consists of whole records, so its end is like that of a file.
  const size = isPlain(format) ? format.size : chunk.end;
  const part = { start, end: chunk.end, size };
  return readRecords(chunkReader(s3, job, reportsBucket), part, format);
}

/** Reads the text of a chunk, and of a file that is read as it is also what follows the chunk. */
function chunkReader(
  s3: S3Client,
  { source, format, chunk, execution }: ChunkJob,
  reportsBucket: string,
): ReadBytes {
  if (isPlain(format)) return (start, end) => readRange(s3, source, start, end);
  const key = partKey({ bucket: reportsBucket, execution }, chunk.start);
  const part = { bucket: reportsBucket, key, size: chunk.end - chunk.start };
  return (start, end) => readRange(s3, part, start - chunk.start, end - chunk.start);
}
