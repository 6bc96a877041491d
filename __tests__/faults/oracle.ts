/**
 * The expected content of a table: a simple model, independent of the pipeline. Accepted uploads are applied in order,
 * and of the rows with the same key, the last one counts.
 */

import type { FileKind, Item, Row, WrittenFile } from './rows.ts';

/** A row in a report. */
export interface Listed {
  readonly line: number;
  readonly column: string;
  readonly code: string;
}

/** The expected result of an upload. */
export interface Expected {
  readonly isAccepted: boolean;
  readonly counts: {
    readonly read: number;
    readonly loaded: number;
    readonly rejected: number;
    readonly duplicates: number;
  };
  readonly rejected: readonly Listed[];
  readonly duplicates: readonly Listed[];
}

/** Whether all of an upload was loaded, possibly some of it, or nothing. */
export type Applied = 'loaded' | 'partly' | 'not';

/** An upload in the model. */
interface ModelledUpload {
  /** The last item with each key, by key. */
  readonly kept: ReadonlyMap<string, Item>;
  readonly expected: Expected;
}

/** A model of the table. */
export class TableModel {
  readonly #kind: FileKind;
  readonly #uploads: ModelledUpload[] = [];

  constructor(kind: FileKind) {
    this.#kind = kind;
  }

  /** Adds the next upload. */
  upload(rows: readonly Row[], { lines }: WrittenFile): Expected {
    const { item, tolerated } = this.#kind;
    const rejected = rows.flatMap((row, index) =>
      row.broken === undefined ? [] : [{ line: lines[index] ?? 0, ...this.#faultOf(row) }],
    );
    const kept = new Map<string, { readonly index: number; readonly item: Item }>();
    const duplicates: Listed[] = [];
    for (const [index, row] of rows.entries()) {
      if (row.broken !== undefined) continue;
      const made = item(row);
      const before = kept.get(itemKey(made));
      if (before !== undefined) {
        duplicates.push({ line: lines[before.index] ?? 0, column: '', code: 'duplicate_key' });
      }
      kept.set(itemKey(made), { index, item: made });
    }
    const expected = {
      isAccepted: rejected.length === 0 || rejected.length / rows.length <= tolerated,
      counts: {
        read: rows.length,
        loaded: kept.size,
        rejected: rejected.length,
        duplicates: duplicates.length,
      },
      rejected,
      duplicates: duplicates.sort((one, other) => one.line - other.line),
    };
    const items = new Map([...kept].map(([key, { item: made }]) => [key, made]));
    this.#uploads.push({ expected, kept: items });
    return expected;
  }

  /**
   * Differences between the table and the model. An upload that was stopped by a newer one may have written any of its
   * rows, but may not have overwritten a row of the newer one.
   * @param applied how much of each upload was loaded, in the order of the uploads.
   */
  differences(items: readonly Item[], applied: readonly Applied[]): string[] {
    const wanted = new Map<string, Set<string>>();
    for (const [index, { kept }] of this.#uploads.entries()) {
      if (applied[index] === 'not') continue;
      for (const [key, item] of kept) {
        const before = applied[index] === 'loaded' ? [] : (wanted.get(key) ?? [ABSENT]);
        wanted.set(key, new Set([...before, itemText(item)]));
      }
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

const ABSENT = 'absent';

function itemKey({ pk, sk }: Item): string {
  return JSON.stringify([pk, sk]);
}

function itemText(item: Item): string {
  return JSON.stringify(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1)));
}
