/** Makes what a record keeps small enough. */

import { z } from 'zod';
import { type ErrorRecord, MAX_CAUSE, MAX_PAYLOAD_BYTES, MAX_STACK, type Payload } from './run-record.ts';

/** Bytes of the value as JSON in UTF-8, as Step Functions measures it. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/**
 * A state's input or output.
 * @param json of it; undefined where it is not known
 */
export function payload(json: string | undefined): Payload | null {
  if (json === undefined) return null;
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_PAYLOAD_BYTES) return { json, bytes };
  // A character that is cut in half decodes to U+FFFD.
  const cut = Buffer.from(json)
    .toString('utf8', 0, MAX_PAYLOAD_BYTES)
    .replace(/\uFFFD$/, '');
  return { json: cut, bytes };
}

/** Lambda's report of an error, which reaches the Cause as JSON. */
const lambdaCause = z.object({
  errorMessage: z.string(),
  trace: z.array(z.string()).optional(),
});

/** An error as it is kept: of Lambda's report the message, which is what a person wants, and the stack. */
export function errorRecord(name: string, cause: string): ErrorRecord {
  const { errorMessage, trace = [] } = reported(cause);
  return {
    name,
    cause: errorMessage.slice(0, MAX_CAUSE),
    // The first lines repeat the message, as many as it has.
    stack: trace
      .slice(errorMessage.split('\n').length, MAX_STACK.lines)
      .map((line) => line.slice(0, MAX_STACK.characters)),
  };
}

/** The message of a cause, where it is Lambda's report of an error; else the cause. */
export function causeMessage(cause: string): string {
  return reported(cause).errorMessage;
}

function reported(cause: string): z.output<typeof lambdaCause> {
  try {
    return lambdaCause.parse(JSON.parse(cause));
  } catch {
    return { errorMessage: cause };
  }
}
