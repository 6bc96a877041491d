/** Limits the size of what a record keeps. */

import { z } from 'zod';
import {
  type ErrorRecord,
  MAX_CAUSE_CHARACTERS,
  MAX_PAYLOAD_BYTES,
  MAX_STACK,
  type Payload,
} from './run-record.ts';

/** Size of the value as UTF-8 encoded JSON, in bytes, as Step Functions measures it. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/**
 * A state's input or output, cut to {@link MAX_PAYLOAD_BYTES}.
 * @param json undefined if the input or output is not known
 */
export function payload(json: string | undefined): Payload | null {
  if (json === undefined) return null;
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_PAYLOAD_BYTES) return { json, bytes };
  // A character cut in half decodes to U+FFFD.
  const cut = Buffer.from(json)
    .toString('utf8', 0, MAX_PAYLOAD_BYTES)
    .replace(/\uFFFD$/, '');
  return { json: cut, bytes };
}

/** The error that Lambda reports, which Step Functions passes on as a JSON Cause. */
const lambdaError = z.object({
  errorMessage: z.string(),
  trace: z.array(z.string()).optional(),
});

/** An error, cut to the limits of a record. If Lambda reported it, the Cause is split into message and stack. */
export function errorRecord(name: string, cause: string): ErrorRecord {
  const { errorMessage, trace = [] } = parsedCause(cause);
  return {
    name,
    cause: errorMessage.slice(0, MAX_CAUSE_CHARACTERS),
    // The trace begins with the lines of the message.
    stack: trace
      .slice(errorMessage.split('\n').length, MAX_STACK.lines)
      .map((line) => line.slice(0, MAX_STACK.characters)),
  };
}

/** The error message if Lambda reported the error; otherwise the cause itself. */
export function causeMessage(cause: string): string {
  return parsedCause(cause).errorMessage;
}

function parsedCause(cause: string): z.output<typeof lambdaError> {
  try {
    return lambdaError.parse(JSON.parse(cause));
  } catch {
    return { errorMessage: cause };
  }
}
