/**
 * What a table has to hold: a plain model that knows nothing of the pipeline. The last upload that is accepted counts,
 * and of its rows with the same key the last one.
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

/** The table. */
export class TableModel {
  readonly #kind: FileKind;
  readonly #items = new Map<string, Item>();
  /** Items that may be seen while an upload is half loaded: those from before it, and its own. */
  #allowed = new Set<string>();

  constructor(kind: FileKind) {
    this.#kind = kind;
  }

  /** Takes an upload. */
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
    const isAccepted = rejected.length === 0 || rejected.length / rows.length <= tolerated;
    this.#allowed = new Set([...this.#items.values()].map(itemText));
    if (isAccepted) {
      for (const [key, { item: made }] of winners) {
        this.#items.set(key, made);
        this.#allowed.add(itemText(made));
      }
    }
    return {
      isAccepted,
      counts: {
        read: rows.length,
        loaded: winners.size,
        rejected: rejected.length,
        duplicates: duplicates.length,
      },
      rejected,
      duplicates: duplicates.sort((one, other) => one.line - other.line),
    };
  }

  /** What is wrong with the items of the table, if something is. */
  differences(items: readonly Item[]): string[] {
    const wanted = new Map([...this.#items].map(([key, item]) => [key, itemText(item)]));
    const found = new Map(items.map((item) => [itemKey(item), itemText(item)]));
    return [
      ...[...wanted].flatMap(([key, text]) => {
        const there = found.get(key);
        if (there === undefined) return [`${key} is missing`];
        return there === text ? [] : [`${key} is ${there} and should be ${text}`];
      }),
      ...[...found.keys()].filter((key) => !wanted.has(key)).map((key) => `${key} should not be there`),
    ];
  }

  /** Items that no row stands for, neither of the last upload nor of one before it. */
  foreign(items: readonly Item[]): string[] {
    return items
      .map(itemText)
      .filter((text) => !this.#allowed.has(text))
      .map((text) => `${text} should never have been written`);
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

function itemKey({ pk, sk }: Item): string {
  return JSON.stringify([pk, sk]);
}

function itemText(item: Item): string {
  return JSON.stringify(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1)));
}
