/** The fixtures: CSV files, each with a JSON file of its expected result. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NumberValue } from '../../functions/core/dataset/columns.ts';
import type { StoredItem } from '../../functions/core/dataset/dataset.ts';
import type { Format } from '../../functions/core/messages.ts';

const folder = join(import.meta.dirname, '..', 'fixtures');

/** Names of all fixtures: `valid-…` if every row is loaded, otherwise `invalid-…`. */
export const fixtureNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.csv'))
  .map((file) => file.replace('.csv', ''));

/** A rejected row in a fixture's result. */
export interface ExpectedReject {
  readonly line: number;
  readonly column: string | null;
  readonly code: string;
  /** The byte in its reason, if there is one. */
  readonly byte?: number;
}

/** The expected result of a fixture's rows, */
export interface ExpectedRows extends Pick<Format, 'encoding' | 'delimiter' | 'ignored'> {
  readonly dataset: string;
  readonly items: readonly StoredItem[];
  readonly rejects: readonly ExpectedReject[];
  /** Rows in which every cell is blank; none unless it is there. */
  readonly blank?: number;
  /** Rows of the footer; none unless it is there. */
  readonly footer?: number;
  readonly error?: never;
}

/** or the reason why no row is read. */
export interface ExpectedError {
  readonly dataset: string;
  readonly error: string;
  /** A part of the error's message. */
  readonly message: string;
}

export interface Fixture {
  readonly bytes: Buffer;
  readonly expected: ExpectedRows | ExpectedError;
  /** The same with all digits of each number, for comparison with {@link asText}. */
  readonly expectedText: string;
}

export function readFixture(name: string): Fixture {
  const json = readFileSync(join(folder, `${name}.json`), 'utf8');
  return {
    bytes: readFileSync(join(folder, `${name}.csv`)),
    expected: JSON.parse(json),
    expectedText: asText(
      // The third argument, with the number's source text, is not in TypeScript's types yet.
      JSON.parse(json, (_, value, ...[context]: { readonly source: string }[]) =>
        typeof value === 'number' && context !== undefined ? JSON.rawJSON(context.source) : value,
      ),
    ),
  };
}

/** JSON of a value, with all digits of its numbers. */
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

/** The byte in a reason. */
export function byteOf(reason: string): { readonly byte?: number } {
  const [, byte] = /(?:is not valid [\w-]+|it opens) at byte (\d+)/.exec(reason) ?? [];
  return byte === undefined ? {} : { byte: Number(byte) };
}
