/** What an execution is about: S3's event, or what a person typed. */

// The other zod, whose schemas have methods, would put 80 KB more into each bundle.
import * as z from 'zod/mini';
import { InvalidInputError } from '../errors.ts';
import type { ObjectReference } from '../storage/source.ts';

/** The upload that an execution's input names. */
export interface InputUpload extends ObjectReference {
  /** Of S3's event; upper or lower case hexadecimal digits. */
  readonly sequencer?: string | undefined;
  /** Whether a person asked for it. */
  readonly isTyped: boolean;
  /** Whether it is loaded whatever is in the table already. */
  readonly force: boolean;
}

const nonEmpty = z.string().check(z.minLength(1));

/** What a person types for `start-execution`. */
const typedInput = z.pipe(
  z.strictObject({
    bucket: nonEmpty,
    key: nonEmpty,
    versionId: z.optional(nonEmpty),
    force: z._default(z.boolean(), false),
  }),
  z.transform((input): InputUpload => ({ ...input, isTyped: true })),
);

/** The `detail` of EventBridge's `Object Created` event; it may have more fields, and new ones. */
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
      sequencer: sequencerOf(object.sequencer),
      isTyped: false,
      force,
    }),
  ),
);

/** S3's have 16 to 18 digits; a longer one costs nothing, and one without an end would. */
const sequencer = z.optional(z.string().check(z.regex(/^[\dA-Fa-f]{1,64}$/)));

function sequencerOf(value: unknown): string | undefined {
  const { success, data } = sequencer.safeParse(value);
  if (success) return data;
  const is = typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : `of type ${typeof value}`;
  throw new InvalidInputError(
    `The event's object.sequencer is ${is}, and not 1 to 64 hexadecimal digits, by which uploads are put in order. Start the execution with {"bucket": "…", "key": "…"} instead.`,
  );
}

/**
 * The upload that an execution's input names.
 * @throws InvalidInputError when the input has neither shape, or a sequencer that is none.
 */
export function parseInput(input: unknown): InputUpload {
  const upload = z.union([typedInput, eventDetail]).safeParse(input).data;
  if (upload === undefined) {
    const names = typeof input === 'object' && input !== null ? Object.keys(input) : [];
    const fields = names.slice(0, 10).map((name) => name.slice(0, 64));
    throw new InvalidInputError(
      `The execution's input must be {"bucket": "…", "key": "…"} or the detail of an S3 "Object Created" event; this one ${fields.length > 0 ? `has the fields ${fields.join(', ')}` : `is ${input === null ? 'null' : `of type ${typeof input}`}`}.`,
    );
  }
  return upload;
}
