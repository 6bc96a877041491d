/** Parses an execution's input: the object of an S3 event, or what a person passed to `start-execution`. */

// The full zod, whose schemas have methods, would add 80 KB to each bundle.
import * as z from 'zod/mini';
import { InvalidInputError } from '../errors.ts';
import type { ObjectReference } from '../storage/source.ts';

/** The upload that an execution's input names. */
export interface InputUpload extends ObjectReference {
  /** From the S3 event: hexadecimal digits in upper or lower case. */
  readonly sequencer?: string | undefined;
  /** Whether to load it even if the ledger says that it is loaded or superseded, and to write all of its rows. */
  readonly force: boolean;
  /** Whether it may remove more keys than its dataset allows. */
  readonly allowRemovals?: boolean | undefined;
  /** The version that it takes the place of, which then does not count any more. */
  readonly undo?: string | undefined;
}

const nonEmpty = z.string().check(z.minLength(1));

/** What a person passes to `start-execution`. */
const manualInput = z.strictObject({
  bucket: nonEmpty,
  key: nonEmpty,
  versionId: z.optional(nonEmpty),
  force: z._default(z.boolean(), false),
  allowRemovals: z.optional(z.boolean()),
  undo: z.optional(nonEmpty),
});

/**
 * The `detail.object` of EventBridge's `Object Created` event. It does not name the bucket, which is the pipeline's own.
 * The rest of the detail stays out of the execution's history: it has the uploader's account and IP address.
 */
const eventObject = z.object({
  key: nonEmpty,
  etag: nonEmpty,
  'version-id': z.optional(nonEmpty),
  sequencer: z.optional(z.unknown()),
  force: z._default(z.boolean(), false),
  // Other fields are ignored, but a bucket would be another one than is read.
  bucket: z.optional(z.never()),
});

/** S3's sequencers have 16 to 18 digits. The limit leaves room for longer ones, but bounds what the ledger stores. */
const sequencer = z.optional(z.string().check(z.regex(/^[\dA-Fa-f]{1,64}$/)));

function parseSequencer(value: unknown): string | undefined {
  const { success, data } = sequencer.safeParse(value);
  if (success) return data;
  const actual = typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : `of type ${typeof value}`;
  throw new InvalidInputError(
    `The event's sequencer is ${actual}, but must be 1 to 64 hexadecimal digits. Start the execution with {"bucket": "…", "key": "…"} instead.`,
  );
}

/**
 * The upload that an execution's input names.
 * @param sourceBucket where the objects of events are
 * @throws InvalidInputError when the input has neither shape, its sequencer is invalid, or it is an undo that is forced or
 * names no version.
 */
export function parseInput(input: unknown, sourceBucket: string): InputUpload {
  const manual = manualInput.safeParse(input).data;
  if (manual?.undo !== undefined && (manual.force || manual.versionId === undefined)) {
    throw new InvalidInputError(
      'An undo loads a former version, and only what differs: the input must have "versionId" beside "undo", and not "force".',
    );
  }
  if (manual !== undefined) return manual;
  const object = eventObject.safeParse(input).data;
  if (object !== undefined) {
    return {
      bucket: sourceBucket,
      key: object.key,
      etag: object.etag,
      versionId: object['version-id'],
      sequencer: parseSequencer(object.sequencer),
      force: object.force,
    };
  }
  const names = typeof input === 'object' && input !== null ? Object.keys(input) : [];
  const fields = names.slice(0, 10).map((name) => name.slice(0, 64));
  throw new InvalidInputError(
    `The execution's input must be {"bucket": "…", "key": "…"} or the detail.object of an S3 "Object Created" event, but it ${fields.length > 0 ? `has the fields ${fields.join(', ')}` : `is ${input === null ? 'null' : `of type ${typeof input}`}`}.`,
  );
}
