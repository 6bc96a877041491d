/** Keys of items, from templates such as `ORDER#{order_id}` and the values of columns. */

import { NumberValue, type Storable } from './storable.ts';

/** A key's attribute. */
export type KeyAttribute = 'pk' | 'sk';

/**
 * Bytes that a key may have.
 * Source: 2,048 for a partition key, 1,024 for a sort key, "Service, account, and table quotas", DynamoDB developer guide.
 */
export const MAX_KEY_BYTES: Readonly<Record<KeyAttribute, number>> = { pk: 2_048, sk: 1_024 };

/** The columns that a template names. */
export function columnsIn(template: string): string[] {
  return parts(template).filter((_, index) => index % 2 === 1);
}

/** The parts of a template: text and columns' names in turn, the first being text. */
function parts(template: string): string[] {
  return template.split(/\{([^{}]*)\}/);
}

/** Why a row has no key. */
export interface KeyFault {
  /** The column, if the key has no other. */
  readonly column: string | null;
  readonly code: 'empty' | 'too_long';
  readonly reason: string;
}

/** Makes a function that assembles a key. */
export function keyMaker(attribute: KeyAttribute, template: string) {
  const textsAndNames = parts(template);
  const [name = null, ...others] = columnsIn(template);
  const column = others.length === 0 ? name : null;
  const maxBytes = MAX_KEY_BYTES[attribute];
  return (item: Readonly<Record<string, Storable | undefined>>): string | KeyFault => {
    let key = '';
    let isName = false;
    for (const part of textsAndNames) {
      key += isName ? keyText(item[part]) : part;
      isName = !isName;
    }
    const bytes = Buffer.byteLength(key);
    if (bytes === 0) return { column, code: 'empty', reason: 'makes an empty key' };
    if (bytes <= maxBytes) return key;
    return { column, code: 'too_long', reason: `makes a key of ${bytes} bytes; DynamoDB takes ${maxBytes}` };
  };
}

/** A stored value as text, as it is part of a key. */
export function keyText(value: unknown): string {
  return value instanceof NumberValue ? value.value : String(value);
}
