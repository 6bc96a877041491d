import { keyTexts, type TableKey } from '../../functions/core/dataset/shape/table-key.ts';

/** Keys of a kind that a plan lists. */
const MAX_KEYS = 10;

/** A key that a load would write or remove. */
export interface PlannedKey {
  /** Its attributes as text: the partition key, and the sort key if there is one. */
  readonly key: Readonly<Record<string, string>>;
  /** Physical line of the file on which its row starts; null if the file has no such row. */
  readonly line: number | null;
}

/** Keeps the first of any number of keys, which come in any order: those of the first lines, or else the smallest. */
export class FirstKeys {
  readonly #tableKey: TableKey;
  readonly #keys: { readonly key: string; readonly line: number }[] = [];

  constructor(tableKey: TableKey) {
    this.#tableKey = tableKey;
  }

  /** @param key its bytes as characters, as `keyOf` puts its parts together. */
  add(key: string, line = Number.POSITIVE_INFINITY): void {
    const index = this.#keys.findLastIndex(
      (each) => each.line < line || (each.line === line && each.key < key),
    );
    if (index + 1 === MAX_KEYS) return;
    this.#keys.splice(index + 1, 0, { key, line });
    if (this.#keys.length > MAX_KEYS) this.#keys.pop();
  }

  list(): readonly PlannedKey[] {
    return this.#keys.map(({ key, line }) => {
      const text = Buffer.from(key, 'latin1').toString();
      return { key: keyTexts(this.#tableKey, text), line: Number.isFinite(line) ? line : null };
    });
  }
}
