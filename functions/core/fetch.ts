/** Pins the object that an execution is about, reads its header and cuts it into chunks. */

import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { Dataset } from './dataset.ts';
import { detectFormat } from './detect.ts';
import { InvalidInputError } from './errors.ts';
import { type FetchResult, type Format, isPlain, type ScanEvent } from './messages.ts';
import { unpackParts } from './packed.ts';
import { type Body, planByProbe, planByScan, planLimits, windowBytes } from './plan.ts';
import { assertOwnBucket } from './settings.ts';
import { type ObjectReference, pinSource } from './source.ts';
import { objectFile, readText } from './text.ts';

/** What a person types for `start-execution`. */
const typedInput = z
  .strictObject({
    bucket: z.string().min(1),
    key: z.string().min(1),
    versionId: z.string().min(1).optional(),
  })
  .transform((input): ObjectReference => input);

/** The `detail` of EventBridge's `Object Created` event; it may have more fields, and new ones. */
const eventDetail = z
  .object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({
      key: z.string().min(1),
      etag: z.string().min(1).optional(),
      'version-id': z.string().min(1).optional(),
    }),
  })
  .transform(
    ({ bucket, object }): ObjectReference => ({
      bucket: bucket.name,
      key: object.key,
      etag: object.etag,
      versionId: object['version-id'],
    }),
  );

/**
 * The object that an execution's input names.
 * @throws InvalidInputError when the input has neither shape.
 */
export function parseInput(input: unknown): ObjectReference {
  const reference = z.union([typedInput, eventDetail]).safeParse(input).data;
  if (reference === undefined) {
    const fields = typeof input === 'object' && input !== null ? Object.keys(input).slice(0, 10) : [];
    throw new InvalidInputError(
      `The execution's input must be {"bucket": "…", "key": "…"} or the detail of an S3 "Object Created" event; this one ${fields.length > 0 ? `has the fields ${fields.join(', ')}` : `is ${input === null ? 'null' : `of type ${typeof input}`}`}.`,
    );
  }
  return reference;
}

/**
 * The plan of an execution: the object is pinned, its header read, and where to cut it found by looking at windows.
 * @param datasetAt gives the dataset that a key belongs to.
 * @throws InvalidInputError when the input has neither shape, names another bucket than the pipeline's, or a key that
 * belongs to no dataset.
 * @throws SourceNotFoundError, SourceChangedError as {@link pinSource} and {@link readRange} do.
 * @throws HeaderError when the file is empty or its header does not fit the dataset.
 */
export async function fetchCsv(
  s3: S3Client,
  input: unknown,
  datasetAt: (key: string) => Dataset,
  maxChunks: number,
): Promise<FetchResult> {
  const reference = parseInput(input);
  assertOwnBucket(reference.bucket);
  const dataset = datasetAt(reference.key);
  const source = await pinSource(s3, reference);
  const file = objectFile(s3, source);
  const { format } = await detectFormat(file, dataset);
  if (!isPlain(format)) return { source, format, plan: { mode: 'exact', done: false }, chunks: [] };
  const limits = planLimits(source.size, maxChunks);
  const window = windowBytes(limits.minChunkBytes);
  return { source, format, ...(await planByProbe(file.read, bodyOf(format), limits, window)) };
}

export interface ScanSettings {
  readonly reportsBucket: string;
  readonly maxChunks: number;
  /** Bytes that a packed file may have when it is unpacked. */
  readonly maxUnpackedBytes: number;
  /** Asked while reading: whether there is time for more. */
  readonly mayGoOn: () => boolean;
}

/**
 * An exact plan, made by reading the whole file, in as many invocations as that takes. A file that cannot be read as it is, is rewritten.
 * @throws SourceChangedError as {@link readRange} does.
 * @throws UnpackError as {@link unpackParts} does.
 */
export async function scanCsv(s3: S3Client, event: ScanEvent, settings: ScanSettings): Promise<FetchResult> {
  const { execution, source, format, plan } = event;
  const { maxChunks, mayGoOn } = settings;
  const file = objectFile(s3, source);
  const done = plan.mode === 'exact' ? event.chunks.map(({ start, end }) => ({ start, end })) : [];
  if (isPlain(format)) {
    const limits = planLimits(source.size, maxChunks);
    return { source, format, ...(await planByScan(file.read, bodyOf(format), limits, done, mayGoOn)) };
  }
  const { size, ...result } = await unpackParts(
    s3,
    readText(file, format),
    done,
    {
      place: { bucket: settings.reportsBucket, execution },
      delimiter: format.delimiter,
      start: format.headerEnd,
      maxParts: maxChunks,
      minPartBytes: planLimits(0, maxChunks).minChunkBytes,
      maxBytes: settings.maxUnpackedBytes,
      mayGoOn,
    },
    file.place,
  );
  return { source, format: { ...format, size }, ...result };
}

function bodyOf({ headerEnd, size, delimiter, width }: Format): Body {
  return { start: headerEnd, size, delimiter, width };
}
