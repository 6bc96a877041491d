/** Pins the object that an execution is about, reads its header and cuts it into chunks. */

import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { InvalidInputError } from './errors.ts';
import { matchHeader, readHeader } from './header.ts';
import type { FetchResult, Format, ScanEvent, Source } from './messages.ts';
import { type Body, planByProbe, planByScan, planLimits, windowBytes } from './plan.ts';
import { type ReadBytes, readWindows } from './records.ts';
import { assertOwnBucket } from './settings.ts';
import { locate, type ObjectReference, pinSource, readRange } from './source.ts';

const DELIMITER = ',';

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
 * @throws InvalidInputError when the input has neither shape, or names another bucket than the pipeline's.
 * @throws SourceNotFoundError, SourceChangedError as {@link pinSource} and {@link readRange} do.
 * @throws HeaderError when the file is empty or its header does not fit the row contract.
 */
export async function fetchCsv(s3: S3Client, input: unknown, maxChunks: number): Promise<FetchResult> {
  const reference = parseInput(input);
  assertOwnBucket(reference.bucket);
  const source = await pinSource(s3, reference);
  const place = locate(source);
  const read: ReadBytes = (start, end) => readRange(s3, source, start, end);
  const header = await readHeader(readWindows(read, 0, source.size), DELIMITER, place);
  const { columns, ignored } = matchHeader(header.fields, place);
  const format = {
    delimiter: DELIMITER,
    width: header.fields.length,
    columns,
    headerEnd: header.end,
    headerLines: header.lines,
    ignored,
  };
  const limits = planLimits(source.size, maxChunks);
  const { chunks, plan } = await planByProbe(
    read,
    bodyOf(source, format),
    limits,
    windowBytes(limits.minChunkBytes),
  );
  return { source, format, plan, chunks };
}

/**
 * An exact plan, made by reading the whole file, in as many invocations as that takes.
 * @param mayGoOn asked while reading: whether there is time for more.
 * @throws SourceChangedError as {@link readRange} does.
 */
export async function scanCsv(
  s3: S3Client,
  { source, format, plan, chunks }: ScanEvent,
  maxChunks: number,
  mayGoOn: () => boolean,
): Promise<FetchResult> {
  const scanned = await planByScan(
    (start, end) => readRange(s3, source, start, end),
    bodyOf(source, format),
    planLimits(source.size, maxChunks),
    plan.mode === 'exact' ? chunks.map(({ start, end }) => ({ start, end })) : [],
    mayGoOn,
  );
  return { source, format, ...scanned };
}

function bodyOf(source: Source, format: Format): Body {
  return { start: format.headerEnd, size: source.size, delimiter: format.delimiter, width: format.width };
}
