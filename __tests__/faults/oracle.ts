/**
 * What a table has to hold: a plain model that knows nothing of the pipeline. What is accepted is applied in the order
 * of the uploads, and of the rows with the same key the last one counts.
 */

import type { FileKind, Item, Row, WrittenFile } from './rows.ts';

/** What a report lists of a row. */
export interface Listed {
  readonly line: number;
  readonly column: string;
  readonly code: string;
}

/** What an upload comes to. */
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

/** What became of an upload: all of it is loaded, or perhaps some, or nothing. */
export type Applied = 'loaded' | 'partly' | 'not';

/** An upload as the model has it. */
interface ModelledUpload {
  readonly winners: ReadonlyMap<string, Item>;
  readonly expected: Expected;
}

/** The table. */
export class TableModel {
  readonly #kind: FileKind;
  readonly #uploads: ModelledUpload[] = [];

  constructor(kind: FileKind) {
    this.#kind = kind;
  }

  /** Takes the next upload. */
  upload(rows: readonly Row[], { lines }: WrittenFile): Expected {
    const { item, tolerated } = this.#kind;
    const rejected = rows.flatMap((row, index) =>
      row.broken === undefined ? [] : [{ line: lines[index] ?? 0, ...this.#faultOf(row) }],
    );
    const winners = new Map<string, { readonly index: number; readonly item: Item }>();
    const duplicates: Listed[] = [];
    for (const [index, row] of rows.entries()) {
      if (row.broken !== undefined) continue;
      const made = item(row);
      const before = winners.get(itemKey(made));
      if (before !== undefined) {
        duplicates.push({ line: lines[before.index] ?? 0, column: '', code: 'duplicate_key' });
      }
      winners.set(itemKey(made), { index, item: made });
    }
    const expected = {
      isAccepted: rejected.length === 0 || rejected.length / rows.length <= tolerated,
      counts: {
        read: rows.length,
        loaded: winners.size,
        rejected: rejected.length,
        duplicates: duplicates.length,
      },
      rejected,
      duplicates: duplicates.sort((one, other) => one.line - other.line),
    };
    const items = new Map([...winners].map(([key, { item: made }]) => [key, made]));
    this.#uploads.push({ expected, winners: items });
    return expected;
  }

  /**
   * What is wrong with the items of the table, if something is. Of an upload that a newer one has stopped, any row may
   * be there that the newer one has not; nothing of it may be over what a newer one has loaded.
   * @param applied what became of each upload, in the order in which they came.
   */
  differences(items: readonly Item[], applied: readonly Applied[]): string[] {
    const wanted = new Map<string, Set<string>>();
    for (const [index, { winners }] of this.#uploads.entries()) {
      if (applied[index] === 'not') continue;
      for (const [key, item] of winners) {
        const before = applied[index] === 'loaded' ? [] : (wanted.get(key) ?? [ABSENT]);
        wanted.set(key, new Set([...before, itemText(item)]));
      }
    }
    const found = new Map(items.map((item) => [itemKey(item), itemText(item)]));
    return [
      ...[...wanted].flatMap(([key, texts]) => {
        const there = found.get(key) ?? ABSENT;
        return texts.has(there) ? [] : [`${key} is ${there} and should be ${[...texts].join(' or ')}`];
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
