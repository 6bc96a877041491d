/** Parses an execution's input: the detail of an S3 event, or what a person passed to `start-execution`. */

// The full zod, whose schemas have methods, would add 80 KB to each bundle.
import * as z from 'zod/mini';
import { InvalidInputError } from '../errors.ts';
import type { ObjectReference } from '../storage/source.ts';

/** The upload that an execution's input names. */
export interface InputUpload extends ObjectReference {
  /** From the S3 event: hexadecimal digits in upper or lower case. */
  readonly sequencer?: string | undefined;
  /** Whether to load it even if the ledger says that it is loaded or superseded. */
  readonly force: boolean;
}

const nonEmpty = z.string().check(z.minLength(1));

/** What a person passes to `start-execution`. */
const manualInput = z.strictObject({
  bucket: nonEmpty,
  key: nonEmpty,
  versionId: z.optional(nonEmpty),
  force: z._default(z.boolean(), false),
});

/** The `detail` of EventBridge's `Object Created` event. Fields that are not listed here are ignored. */
const eventDetail = z.pipe(
  z.object({
    bucket: z.object({ name: nonEmpty }),
    object: z.object({
      key: nonEmpty,
      etag: z.optional(nonEmpty),
      'version-id': z.optional(nonEmpty),
      sequencer: z.optional(z.unknown()),
    }),
    force: z._default(z.boolean(), false),
  }),
  z.transform(
    ({ bucket, object, force }): InputUpload => ({
      bucket: bucket.name,
      key: object.key,
      etag: object.etag,
      versionId: object['version-id'],
      sequencer: parseSequencer(object.sequencer),
      force,
    }),
  ),
);

/** S3's sequencers have 16 to 18 digits. The limit leaves room for longer ones, but bounds what the ledger stores. */
const sequencer = z.optional(z.string().check(z.regex(/^[\dA-Fa-f]{1,64}$/)));

function parseSequencer(value: unknown): string | undefined {
  const { success, data } = sequencer.safeParse(value);
  if (success) return data;
  const actual = typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : `of type ${typeof value}`;
  throw new InvalidInputError(
    `The event's object.sequencer is ${actual}, but must be 1 to 64 hexadecimal digits. Start the execution with {"bucket": "…", "key": "…"} instead.`,
  );
}

/**
 * The upload that an execution's input names.
 * @throws InvalidInputError when the input has neither shape, or its sequencer is invalid.
 */
export function parseInput(input: unknown): InputUpload {
  const upload: InputUpload | undefined = z.union([manualInput, eventDetail]).safeParse(input).data;
  if (upload === undefined) {
    const names = typeof input === 'object' && input !== null ? Object.keys(input) : [];
    const fields = names.slice(0, 10).map((name) => name.slice(0, 64));
    throw new InvalidInputError(
      `The execution's input must be {"bucket": "…", "key": "…"} or the detail of an S3 "Object Created" event, but it ${fields.length > 0 ? `has the fields ${fields.join(', ')}` : `is ${input === null ? 'null' : `of type ${typeof input}`}`}.`,
    );
  }
  return upload;
}
