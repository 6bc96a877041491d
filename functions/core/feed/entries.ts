/**
 * Entries of an index as bytes. An object of an index has the entries of some neighbouring buckets, one bucket after the
 * other, with the offset of each bucket in front, so that any of them can be read alone.
 */

import { HASH_BYTES } from '../dataset/item.ts';
import type { IndexEntry } from './rules.ts';

/** An entry, and the key that it is about. */
export interface KeyedEntry extends IndexEntry {
  /** The bytes of the item's key, each as a character. */
  readonly key: string;
}

/** Bytes of an offset, and of the length of a key. */
const OFFSET_BYTES = 4;
const LENGTH_BYTES = 2;

const TYPES: readonly IndexEntry['type'][] = ['S', 'W', 'D'];

/** Flags in an entry's first byte, above the two bits of its type. */
const HAS_HASH = 4;
const COUNTED = 8;

/** Bytes of the offsets in front of the entries of a number of buckets. */
export function offsetsBytes(buckets: number): number {
  return OFFSET_BYTES * (buckets + 1);
}

/** The bytes of an object of an index. @param buckets the entries of each bucket, encoded. */
export function joinBuckets(buckets: readonly Buffer[]): Buffer {
  const offsets = Buffer.allocUnsafe(offsetsBytes(buckets.length));
  let at = offsets.length;
  for (const [bucket, { length }] of buckets.entries()) {
    offsets.writeUInt32LE(at, OFFSET_BYTES * bucket);
    at += length;
  }
  offsets.writeUInt32LE(at, OFFSET_BYTES * buckets.length);
  return Buffer.concat([offsets, ...buckets]);
}

/** The entries of a bucket as bytes. */
export function encodeBucket(entries: readonly KeyedEntry[]): Buffer {
  const bytes = Buffer.allocUnsafe(entries.reduce((sum, entry) => sum + bytesOf(entry), 0));
  let at = 0;
  for (const entry of entries) at = encodeEntry(bytes, at, entry);
  return bytes;
}

function bytesOf({ key, hash }: KeyedEntry): number {
  return 1 + LENGTH_BYTES + key.length + (hash === null ? 0 : HASH_BYTES);
}

/** @returns the position after the entry. */
function encodeEntry(bytes: Buffer, start: number, { key, type, hash, counted }: KeyedEntry): number {
  const flags = (hash === null ? 0 : HAS_HASH) | (counted ? COUNTED : 0);
  let at = bytes.writeUInt8(TYPES.indexOf(type) | flags, start);
  at = bytes.writeUInt16LE(key.length, at);
  at += bytes.write(key, at, 'latin1');
  return hash === null ? at : at + bytes.write(hash, at, 'latin1');
}

/** Where some of an object's buckets are, from the first byte up to but not including the second. */
export function bucketsRange(offsets: Buffer, from: number, to: number): readonly [number, number] {
  return [offsets.readUInt32LE(OFFSET_BYTES * from), offsets.readUInt32LE(OFFSET_BYTES * to)];
}

/**
 * The entries in the bytes that {@link bucketsRange} describes.
 * @throws RangeError when the bytes are not whole entries.
 */
export function* decodeEntries(bytes: Buffer): Generator<KeyedEntry, void> {
  for (let at = 0; at < bytes.length; ) {
    const keyStart = at + 1 + LENGTH_BYTES;
    const flags = bytes[at] ?? 0;
    const keyEnd = keyStart + (keyStart > bytes.length ? 0 : bytes.readUInt16LE(at + 1));
    const end = keyEnd + (flags & HAS_HASH ? HASH_BYTES : 0);
    const type = TYPES[flags & 3];
    if (type === undefined || end > bytes.length) {
      throw new RangeError(`The index has no whole entry at byte ${at} of ${bytes.length}.`);
    }
    yield {
      key: bytes.toString('latin1', keyStart, keyEnd),
      type,
      hash: flags & HAS_HASH ? bytes.toString('latin1', keyEnd, end) : null,
      counted: (flags & COUNTED) !== 0,
    };
    at = end;
  }
}
