/** Reads an object's header and cuts the object into chunks. */

import type { S3Client } from '@aws-sdk/client-s3';
import { detectFormat } from '../csv/detect.ts';
import { isPlain } from '../csv/encoding.ts';
import { type Body, planByProbe, planByScan, planLimits, windowBytes } from '../csv/plan.ts';
import { objectFile, readText } from '../csv/text.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { FetchResult, Format, ScanEvent, Source } from '../messages.ts';
import type { StepSettings } from '../runtime/time.ts';
import { writeParts } from '../working/decompressed-parts.ts';

/**
 * Reads the header of a pinned object, and plans its chunks from a window near each cut. A file that has to be
 * rewritten gets no chunks yet.
 * @throws SourceChangedError as {@link readRange} does.
 * @throws HeaderError when the file is empty or its header does not match the dataset.
 */
export async function planSource(
  s3: S3Client,
  source: Source,
  dataset: Dataset,
  maxChunks: number,
): Promise<Omit<FetchResult, 'feed'>> {
  const file = objectFile(s3, source);
  const { format } = await detectFormat(file, dataset);
  if (!isPlain(format)) return { source, format, plan: { mode: 'exact', done: false }, chunks: [] };
  const limits = planLimits(source.size, maxChunks);
  const window = windowBytes(limits.minChunkBytes);
  return { source, format, ...(await planByProbe(file.read, bodyOf(format), limits, window)) };
}

/** Bytes in a gigabyte. */
const GIGABYTE = 1e9;

export interface ScanSettings extends StepSettings {
  readonly maxChunks: number;
  /** Maximum size of a decompressed file, in gigabytes (10^9 bytes). */
  readonly maxDecompressedGigabytes: number;
}

/**
 * Continues an exact plan by reading the file, until the whole file is cut or the time runs out. A compressed or UTF-16
 * file is rewritten at the same time.
 * @throws SourceChangedError as {@link readRange} does.
 * @throws DecompressionError as {@link writeParts} does.
 */
export async function scanCsv(s3: S3Client, event: ScanEvent, settings: ScanSettings): Promise<FetchResult> {
  const { execution, source, format, feed, plan } = event;
  const { maxChunks, hasTime } = settings;
  const file = objectFile(s3, source);
  const done = plan.mode === 'exact' ? event.chunks.map(({ start, end }) => ({ start, end })) : [];
  if (isPlain(format)) {
    const limits = planLimits(source.size, maxChunks);
    return { source, format, feed, ...(await planByScan(file.read, bodyOf(format), limits, done, hasTime)) };
  }
  const { size, ...result } = await writeParts(
    s3,
    readText(file, format),
    done,
    {
      location: { bucket: settings.reportsBucket, execution },
      dialect: format,
      start: format.headerEnd,
      maxParts: maxChunks,
      minPartBytes: planLimits(0, maxChunks).minChunkBytes,
      maxBytes: settings.maxDecompressedGigabytes * GIGABYTE,
      hasTime,
    },
    file.name,
  );
  return { source, format: { ...format, size }, feed, ...result };
}

function bodyOf(format: Format): Body {
  return { ...format, start: format.headerEnd };
}
