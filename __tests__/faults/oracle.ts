/**
 * The expected content of a table: a simple model, independent of the pipeline. Accepted uploads are applied in order,
 * each as its mode says, and of the rows with the same key, the last one counts.
 */

import type { FileKind, Item, Row, WrittenFile } from './rows.ts';

/** A row in a report. */
export interface Listed {
  readonly line: number;
  readonly column: string;
  readonly code: string;
}

/** What identifies an upload. */
export interface UploadMark {
  /** The object that was uploaded: one of a few, by number. */
  readonly object: number;
  /** The name that an inserted item has. */
  readonly name: string;
  /** The time that an item has if the newest upload counts. It sorts as text. */
  readonly time: string;
}

/** The expected result of an upload. */
export interface Expected extends UploadMark {
  readonly isAccepted: boolean;
  readonly counts: {
    readonly read: number;
    readonly rejected: number;
    readonly duplicates: number;
  };
  /** Rows that are neither rejected nor earlier duplicates. */
  readonly kept: number;
  readonly rejected: readonly Listed[];
  readonly duplicates: readonly Listed[];
}

/** What becomes of rows that are kept but not loaded. */
export interface NotLoaded {
  /** The count of them; undefined if there can be none. */
  readonly outcome?: 'existing' | 'stale' | 'deleted' | 'unchanged';
  /** How many there may be. */
  readonly least: number;
  readonly most: number;
}

/** Whether all of an upload was loaded, possibly some of it, or nothing. */
export type Applied = 'loaded' | 'partly' | 'not';

/** What a row does to the item of its key. */
interface Change {
  readonly item: Item;
  readonly isDeletion: boolean;
}

/** An upload in the model. */
interface ModelledUpload extends UploadMark {
  /** The last change of each key. */
  readonly kept: ReadonlyMap<string, Change>;
  /** Attributes that an item has after a merge only if the row has them. */
  readonly set: readonly string[];
  /** Whether items are deleted whose keys it lacks. */
  readonly removes: boolean;
}

/** A model of the table. */
export class TableModel {
  readonly #kind: FileKind;
  readonly #uploads: ModelledUpload[] = [];

  constructor(kind: FileKind) {
    this.#kind = kind;
  }

  /** Adds the next upload. */
  upload(rows: readonly Row[], { lines, isShort }: WrittenFile, mark: UploadMark): Expected {
    const { item, isDeletion, tolerated, optional } = this.#kind;
    const isBroken = (row: Row) =>
      row.broken !== undefined && !(row.broken === 'amount' && isDeletion?.(row) === true);
    const rejected = rows.flatMap((row, index) =>
      isBroken(row) ? [{ line: lines[index] ?? 0, ...this.#faultOf(row) }] : [],
    );
    const kept = new Map<string, Change & { readonly index: number }>();
    const duplicates: Listed[] = [];
    for (const [index, row] of rows.entries()) {
      if (isBroken(row)) continue;
      const made = item(row, isShort);
      const before = kept.get(itemKey(made));
      if (before !== undefined) {
        duplicates.push({ line: lines[before.index] ?? 0, column: '', code: 'duplicate_key' });
      }
      kept.set(itemKey(made), { index, item: made, isDeletion: isDeletion?.(row) ?? false });
    }
    const set = optional === undefined || isShort ? [] : [optional];
    const removes = this.#kind.mode === 'replace' && rejected.length === 0;
    this.#uploads.push({ ...mark, kept, set, removes });
    return {
      ...mark,
      isAccepted: rejected.length === 0 || rejected.length / rows.length <= tolerated,
      counts: { read: rows.length, rejected: rejected.length, duplicates: duplicates.length },
      kept: kept.size,
      rejected,
      duplicates: duplicates.sort((one, other) => one.line - other.line),
    };
  }

  /**
   * Differences between the table and the model. An upload that was stopped by a newer one may have written any of its
   * rows, but may not have overwritten a row of the newer one.
   * @param applied how much of each upload was loaded, in the order of the uploads.
   * @param precedes whether one upload was applied before another one, both by number.
   */
  differences(
    items: readonly Item[],
    applied: readonly Applied[],
    precedes: (one: number, other: number) => boolean,
  ): string[] {
    const numbers = [...this.#uploads.keys()].filter((upload) => applied[upload] !== 'not');
    const orders = ordersOf(numbers, precedes);
    const wanted = new Map<string, Set<string>>();
    for (const key of new Set(numbers.flatMap((upload) => [...(this.#uploads[upload]?.kept.keys() ?? [])]))) {
      const ends = orders.flatMap((order) => this.#endsOf(key, order, applied));
      wanted.set(key, new Set(ends.map(itemText)));
    }
    const found = new Map(items.map((item) => [itemKey(item), itemText(item)]));
    return [
      ...[...wanted].flatMap(([key, allowed]) => {
        const there = found.get(key) ?? ABSENT;
        return allowed.has(there) ? [] : [`${key} is ${there} and should be ${[...allowed].join(' or ')}`];
      }),
      ...[...found.keys()].filter((key) => !wanted.has(key)).map((key) => `${key} should not be there`),
    ];
  }

  /**
   * How many rows of an upload are kept but not loaded.
   * @param items of the table after the load.
   * @param before the uploads that were loaded before the load began, by number.
   * @param meanwhile those that may have been loaded, in whole or in part, before it ended.
   */
  notLoaded(
    upload: number,
    items: readonly Item[],
    before: readonly number[],
    meanwhile: readonly number[],
  ): NotLoaded {
    const { kept, name } = this.#modelled(upload);
    const changes = [...kept];
    const exactly = (outcome: NotLoaded['outcome'], rows: number) => ({
      ...(outcome !== undefined && { outcome }),
      least: rows,
      most: rows,
    });
    switch (this.#kind.mode) {
      case 'insert': {
        // Nothing deletes items in this mode, so each is still the one that was inserted first.
        const own = new Set(
          items.filter(({ _upload }) => _upload && 'S' in _upload && _upload.S === name).map(itemKey),
        );
        return exactly('existing', changes.filter(([key]) => !own.has(key)).length);
      }
      case 'changesOnly':
      case 'replace':
        return { outcome: 'unchanged', least: 0, most: kept.size };
      case 'newest': {
        const newer = (others: readonly number[]) =>
          changes.filter(([key]) =>
            others.some((other) => other > upload && this.#modelled(other).kept.has(key)),
          ).length;
        return { outcome: 'stale', least: newer(before), most: newer(meanwhile) };
      }
      default:
        return this.#kind.isDeletion === undefined
          ? exactly(undefined, 0)
          : exactly('deleted', changes.filter(([, { isDeletion }]) => isDeletion).length);
    }
  }

  /** The items that may have a key after some uploads in this order. */
  #endsOf(key: string, order: readonly number[], applied: readonly Applied[]): (Item | undefined)[] {
    let ends: (Item | undefined)[] = [undefined];
    for (const upload of order) {
      const modelled = this.#modelled(upload);
      const change = modelled.kept.get(key);
      if (change === undefined && !modelled.removes) continue;
      const after = ends.map((item) => change && this.#after(item, change, modelled));
      ends = applied[upload] === 'loaded' ? after : [...ends, ...after];
    }
    return ends;
  }

  /** The item after a change of it. */
  #after(
    before: Item | undefined,
    { item, isDeletion }: Change,
    { name, time, set }: ModelledUpload,
  ): Item | undefined {
    if (isDeletion) return undefined;
    switch (this.#kind.mode) {
      case 'insert':
        return before ?? { ...item, _upload: { S: name } };
      case 'newest': {
        const written = before?.uploaded_at;
        return written !== undefined && 'S' in written && written.S > time
          ? before
          : { ...item, uploaded_at: { S: time } };
      }
      case 'merge': {
        const kept = Object.entries(before ?? {}).filter(([attribute]) => !set.includes(attribute));
        return { ...Object.fromEntries(kept), ...item };
      }
      default:
        return item;
    }
  }

  #modelled(upload: number): ModelledUpload {
    const { [upload]: modelled } = this.#uploads;
    if (modelled === undefined) throw new Error(`There is no upload ${upload}.`);
    return modelled;
  }

  #faultOf({ broken }: Row): Pick<Listed, 'column' | 'code'> {
    switch (broken) {
      case 'amount':
        return { column: this.#kind.amountColumn, code: 'not_a_decimal' };
      case 'fields':
        return { column: '', code: 'too_few_fields' };
      default:
        return { column: '', code: 'stray_quote' };
    }
  }
}

/** All orders in which each number comes after those that precede it. */
function ordersOf(
  numbers: readonly number[],
  precedes: (one: number, other: number) => boolean,
): (readonly number[])[] {
  if (numbers.length === 0) return [[]];
  return numbers
    .filter((first) => !numbers.some((other) => precedes(other, first)))
    .flatMap((first) =>
      ordersOf(
        numbers.filter((other) => other !== first),
        precedes,
      ).map((rest) => [first, ...rest]),
    );
}

const ABSENT = 'absent';

function itemKey({ pk, sk }: Item): string {
  return JSON.stringify([pk, sk]);
}

function itemText(item: Item | undefined): string {
  if (item === undefined) return ABSENT;
  return JSON.stringify(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1)));
}
