/** Where the header of a dataset's files is. */

import * as z from 'zod/mini';
import { mustBe } from '../options.ts';

/** After lines that are skipped, in the first record that has all required columns, or nowhere. */
export type HeaderPlace =
  | { readonly skip: number; readonly find?: never }
  | { readonly find: true; readonly skip?: never }
  | false;

/** Lines that may be skipped. */
const MAX_SKIPPED_LINES = 100;

function isHeaderPlace(value: unknown): boolean {
  if (value === false) return true;
  const [entry, ...others] = Object.entries(Object(value));
  const [name, option] = entry ?? [];
  if (others.length > 0) return false;
  if (name === 'find') return option === true;
  return (
    name === 'skip' && Number.isInteger(option) && Number(option) >= 1 && Number(option) <= MAX_SKIPPED_LINES
  );
}

/** Schema of the option. */
export const headerOption = z.exactOptional(
  z.custom<HeaderPlace>(isHeaderPlace, {
    error: mustBe(`{ skip: 1 to ${MAX_SKIPPED_LINES} }, { find: true } or false`),
  }),
);
