/** The fixtures: CSV files, and beside each one what it must come to. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NumberValue } from '../../functions/core/dataset/columns.ts';
import type { StoredItem } from '../../functions/core/dataset/dataset.ts';
import type { Format } from '../../functions/core/messages.ts';

const folder = join(import.meta.dirname, '..', 'fixtures');

/** Names of all fixtures: `valid-…` for those of which every row is loaded, and `invalid-…`. */
export const fixtureNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.csv'))
  .map((file) => file.replace('.csv', ''));

/** A rejected row as a fixture names it. */
export interface ExpectedReject {
  readonly line: number;
  readonly column: string | null;
  readonly code: string;
  /** The byte that its reason names, if it names one. */
  readonly byte?: number;
}

/** What a fixture's rows come to, */
export interface ExpectedRows extends Pick<Format, 'encoding' | 'delimiter' | 'ignored'> {
  readonly dataset: string;
  readonly items: readonly StoredItem[];
  readonly rejects: readonly ExpectedReject[];
  readonly error?: never;
}

/** or why none of them is read. */
export interface ExpectedError {
  readonly dataset: string;
  readonly error: string;
  /** A part of the error's message. */
  readonly message: string;
}

export interface Fixture {
  readonly bytes: Buffer;
  readonly expected: ExpectedRows | ExpectedError;
  /** The same with each number as it is written, to be compared with {@link asText}. */
  readonly expectedText: string;
}

export function readFixture(name: string): Fixture {
  const json = readFileSync(join(folder, `${name}.json`), 'utf8');
  return {
    bytes: readFileSync(join(folder, `${name}.csv`)),
    expected: JSON.parse(json),
    expectedText: asText(
      // The third argument, how the value is written, is not in the compiler's types.
      JSON.parse(json, (_, value, ...[context]: { readonly source: string }[]) =>
        typeof value === 'number' && context !== undefined ? JSON.rawJSON(context.source) : value,
      ),
    ),
  };
}

/** JSON of a value, with all the digits of its numbers. */
export function asText(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner) => {
      if (inner instanceof NumberValue) return JSON.rawJSON(inner.value.toLowerCase());
      return typeof inner === 'bigint' ? JSON.rawJSON(String(inner)) : inner;
    },
    2,
  );
}

/** The byte that a reason names. */
export function byteOf(reason: string): { readonly byte?: number } {
  const [, byte] = /(?:is not valid [\w-]+|it opens) at byte (\d+)/.exec(reason) ?? [];
  return byte === undefined ? {} : { byte: Number(byte) };
}
