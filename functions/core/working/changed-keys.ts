/**
 * Keys that a load adds, changes or removes. CompareIndex lists them in the reports bucket's working area, in an object
 * for each group of buckets that has any: as the lines that they are in the report, after the number of lines.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import { written } from '../csv/dialect.ts';
import { escapeFormula } from '../csv/report-rows.ts';
import { attributesOf, keyTexts, type TableKey } from '../dataset/shape/table-key.ts';
import { listKeys, readObject, writeObject } from '../storage/own-objects.ts';

/** Where the keys of a load are. */
export interface ChangedLocation {
  readonly bucket: string;
  readonly execution: string;
  /** Id of the load. */
  readonly load: string;
}

/** A key, and what the load does with its item. */
export interface ChangedKey {
  /** As `keyOf` makes it, its bytes as characters. */
  readonly key: string;
  readonly change: 'added' | 'changed' | 'removed';
}

/** Bytes of the number of lines. */
const COUNT_BYTES = 4;

const DIALECT = { delimiter: ',' };

function prefixOf({ execution, load }: ChangedLocation): string {
  return `working/${execution}/changed/${load}/`;
}

/** The line with the names of the columns. */
export function changesHeader(key: TableKey): string {
  return lineOf([...attributesOf(key).map(({ name }) => name), '_change']);
}

/**
 * Writes a list of keys, in the order of the keys.
 * @param name distinguishes this list from the others of the load, whatever invocation writes it.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function writeChangedKeys(
  s3: S3Client,
  location: ChangedLocation,
  name: string,
  changed: readonly ChangedKey[],
  tableKey: TableKey,
): Promise<void> {
  const sorted = changed.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  const attributes = attributesOf(tableKey);
  const lines = sorted.map(({ key, change }) => {
    const texts = keyTexts(tableKey, Buffer.from(key, 'latin1').toString());
    const fields = attributes.map(({ name, type }) => {
      const text = texts[name] ?? '';
      // A negative number is no formula.
      return type === 'N' ? text : escapeFormula(text);
    });
    return lineOf([...fields, change]);
  });
  const count = Buffer.alloc(COUNT_BYTES);
  count.writeUInt32LE(lines.length);
  const place = { bucket: location.bucket, key: `${prefixOf(location)}${name}` };
  await writeObject(s3, place, Buffer.concat([count, Buffer.from(lines.join(''))]));
}

function lineOf(fields: readonly string[]): string {
  return `${fields.map((field) => written(field, DIALECT)).join(',')}\n`;
}

/**
 * The names of the objects that list the keys, always in the same order.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export function changedLists(s3: S3Client, location: ChangedLocation): Promise<readonly string[]> {
  return listKeys(s3, location.bucket, prefixOf(location));
}

/**
 * Reads a list, which has the keys of a few megabytes of entries.
 * @param key as {@link changedLists} returns it.
 * @returns its lines, and how many there are.
 * @throws ServiceUnavailableError when S3 does not answer.
 */
export async function readChangedKeys(
  s3: S3Client,
  bucket: string,
  key: string,
): Promise<{ readonly rows: number; readonly lines: Buffer }> {
  const bytes = await readObject(s3, { bucket, key });
  return { rows: bytes.readUInt32LE(), lines: bytes.subarray(COUNT_BYTES) };
}
