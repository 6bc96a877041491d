/** Reads an object's header and cuts it into chunks. */

import type { S3Client } from '@aws-sdk/client-s3';
import { detectFormat } from '../csv/detect.ts';
import { type Body, planByProbe, planByScan, planLimits, windowBytes } from '../csv/plan.ts';
import { objectFile, readText } from '../csv/text.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { type FetchResult, type Format, isPlain, type ScanEvent, type Source } from '../messages.ts';
import { writeParts } from '../work/decompressed-parts.ts';

/**
 * A plan: the header of a pinned object is read, and where to cut it found by looking at windows.
 * @throws SourceChangedError as {@link readRange} does.
 * @throws HeaderError when the file is empty or its header does not fit the dataset.
 */
export async function planSource(
  s3: S3Client,
  source: Source,
  dataset: Dataset,
  maxChunks: number,
): Promise<FetchResult> {
  const file = objectFile(s3, source);
  const { format } = await detectFormat(file, dataset);
  if (!isPlain(format)) return { source, format, plan: { mode: 'exact', done: false }, chunks: [] };
  const limits = planLimits(source.size, maxChunks);
  const window = windowBytes(limits.minChunkBytes);
  return { source, format, ...(await planByProbe(file.read, bodyOf(format), limits, window)) };
}

/** Bytes of a gigabyte. */
const GIGABYTE = 1e9;

export interface ScanSettings {
  readonly reportsBucket: string;
  readonly maxChunks: number;
  /** Gigabytes (10^9 bytes) that a compressed file may have when it is decompressed. */
  readonly maxDecompressedGigabytes: number;
  /** Asked while reading: whether there is time for more. */
  readonly hasTime: () => boolean;
}

/**
 * An exact plan, made by reading the whole file, in as many invocations as that takes. A file that cannot be read as it is, is rewritten.
 * @throws SourceChangedError as {@link readRange} does.
 * @throws DecompressionError as {@link writeParts} does.
 */
export async function scanCsv(s3: S3Client, event: ScanEvent, settings: ScanSettings): Promise<FetchResult> {
  const { execution, source, format, plan } = event;
  const { maxChunks, hasTime } = settings;
  const file = objectFile(s3, source);
  const done = plan.mode === 'exact' ? event.chunks.map(({ start, end }) => ({ start, end })) : [];
  if (isPlain(format)) {
    const limits = planLimits(source.size, maxChunks);
    return { source, format, ...(await planByScan(file.read, bodyOf(format), limits, done, hasTime)) };
  }
  const { size, ...result } = await writeParts(
    s3,
    readText(file, format),
    done,
    {
      location: { bucket: settings.reportsBucket, execution },
      delimiter: format.delimiter,
      start: format.headerEnd,
      maxParts: maxChunks,
      minPartBytes: planLimits(0, maxChunks).minChunkBytes,
      maxBytes: settings.maxDecompressedGigabytes * GIGABYTE,
      hasTime,
    },
    file.name,
  );
  return { source, format: { ...format, size }, ...result };
}

function bodyOf({ headerEnd, size, delimiter, width }: Format): Body {
  return { start: headerEnd, size, delimiter, width };
}
