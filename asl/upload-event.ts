/**
 * The events that the state machine puts on the default event bus: how an upload ended. Rules of EventBridge match them,
 * and they are the interface to programs outside of the pipeline: see docs/events.md.
 */

import { z } from 'zod';
import type { FunctionArn } from './language/index.ts';

/** The `source` of the events. */
export const EVENT_SOURCE = 'csv-pipeline';

const count = z.int().min(0);

/** What all events have in common. No field contains a cell of the file. */
const common = {
  /** The name of the pipeline's resources, such as `csv-pipeline-prod`. */
  pipeline: z.string(),
  /** The execution's name. */
  execution: z.string(),
  source: z.object({ bucket: z.string(), key: z.string() }),
  /** Where the report of the execution is, if there is one: `report.json`, and the lists of rows. */
  report: z.object({ bucket: z.string(), prefix: z.string() }),
  /** A line that a person understands. */
  message: z.string(),
};

const failure = {
  ...common,
  /** The error's name. */
  error: z.string(),
  /** Lambda's report of the error. */
  reason: z.looseObject({ errorMessage: z.string() }),
};

/** An event by its `detail-type`. */
export const uploadEvent = z.discriminatedUnion('detail-type', [
  z.object({
    source: z.literal(EVENT_SOURCE),
    'detail-type': z.literal('Upload Loaded'),
    detail: z.object({
      ...common,
      /** The execution's output. It has further counts if the dataset's load has them. */
      output: z.looseObject({
        outcome: z.literal('loaded'),
        dataset: z.string(),
        read: count,
        loaded: count,
        rejected: count,
        duplicates: count,
      }),
    }),
  }),
  z.object({
    source: z.literal(EVENT_SOURCE),
    /** The file was refused because of what is in it: correct it, and upload it again. */
    'detail-type': z.literal('Upload Rejected'),
    detail: z.object(failure),
  }),
  z.object({
    source: z.literal(EVENT_SOURCE),
    /** The file was not loaded for another reason. */
    'detail-type': z.literal('Upload Failed'),
    detail: z.object(failure),
  }),
]);

export type UploadEvent = z.output<typeof uploadEvent>;

export type DetailType = UploadEvent['detail-type'];

/** The detail as the compiler knows it: not what is in parsed JSON. */
type DetailOf<Event extends UploadEvent> = {
  readonly [Name in keyof Event['detail']]: Name extends 'reason' ? unknown : Event['detail'][Name];
};

/** An entry of a request to put events, as a state of the machine makes it. */
type Entry<Event extends UploadEvent = UploadEvent> = Event extends UploadEvent
  ? {
      readonly Source: Event['source'];
      readonly DetailType: Event['detail-type'];
      readonly Detail: DetailOf<Event>;
    }
  : never;

/**
 * Step Functions' own integration that puts events. It fails if EventBridge refuses one.
 * Source: "Add EventBridge events with Step Functions", Step Functions developer guide.
 */
export const PUT_EVENTS: FunctionArn<{
  readonly calls: [{ event: { readonly Entries: readonly [Entry] }; result: unknown }];
  readonly errors: 'EventBridge.FailedEntry';
}> = 'arn:aws:states:::events:putEvents';
