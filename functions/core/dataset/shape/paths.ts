/** Where in an item its values are. */

import type { Column } from '../columns/column.ts';
import type { StoredItem } from '../item.ts';
import type { Problem } from '../options.ts';
import type { Storable } from '../storable.ts';

/** The name of an attribute, or those of the maps around it and its own. */
export type Path = readonly [string, ...string[]];

/** Levels to which a column's attribute may be nested: the maps around JSON of 32 levels would be too many. */
const MAX_DEPTH = 8;

/** Bytes that the name of an attribute may have; source: "Naming rules", DynamoDB developer guide. */
const MAX_NAME_BYTES = 255;

/** Where a column's value is stored: as the column's name, unless it has an attribute, in which a dot makes a map. */
export function pathOf(name: string, { attribute }: Pick<Column<Storable>, 'attribute'>): Path {
  const [first = name, ...others] = attribute?.split('.') ?? [];
  return [first, ...others];
}

/** The value at a path; undefined if there is none. */
export function valueAt(item: StoredItem, [first, ...others]: Path): Storable | undefined {
  let { [first]: value } = item;
  for (const name of others) value = Object(value)[name];
  return value;
}

/** Sets the value at a path, and makes the maps around it. */
export function setAt(item: Record<string, Storable | undefined>, path: Path, value: Storable): void {
  let map: Record<string, unknown> = item;
  for (const name of path.slice(0, -1)) {
    const inner: Record<string, unknown> = Object(map[name]);
    map[name] = inner;
    map = inner;
  }
  map[path.at(-1) ?? ''] = value;
}

/** What is wrong with the name of an attribute; undefined if nothing is. */
export function nameProblem(name: string): string | undefined {
  const isValid = name !== '' && name !== '__proto__' && Buffer.byteLength(name) <= MAX_NAME_BYTES;
  return isValid ? undefined : `names ${JSON.stringify(name)}; a name must have 1 to ${MAX_NAME_BYTES} bytes`;
}

/** What is wrong with a column's attribute. */
export function attributeProblems(name: string, column: Column<Storable>): Problem[] {
  if (column.attribute === undefined) return [];
  const at = [name, 'attribute'];
  const path = pathOf(name, column);
  if (path.length > MAX_DEPTH) return [{ path: at, message: `has more than ${MAX_DEPTH} names` }];
  return path.flatMap((each) => {
    const message = nameProblem(each);
    return message === undefined ? [] : [{ path: at, message }];
  });
}

/** Something that is stored at a path. */
export interface Claim {
  readonly path: Path;
  /** What it is, such as `the column name`. */
  readonly what: string;
}

/** Values that are stored in the same place, or one inside another. */
export function collisions(claims: readonly Claim[]): Problem[] {
  const claimed = new Map<string, string>();
  const problem = (message: string): Problem => ({ path: [], message: `${message}; rename one of them` });
  const same = claims.flatMap(({ path, what }) => {
    const place = JSON.stringify(path);
    const other = claimed.get(place);
    claimed.set(place, what);
    return other === undefined
      ? []
      : [problem(`has both ${other} and ${what} as the attribute ${path.join('.')}`)];
  });
  const inside = claims.flatMap(({ path, what }) =>
    path.slice(1).flatMap((_, index) => {
      const outer = path.slice(0, index + 1);
      const other = claimed.get(JSON.stringify(outer));
      if (other === undefined) return [];
      return [
        problem(`has ${what} as ${path.join('.')}, but ${other} as ${outer.join('.')}, which is no map`),
      ];
    }),
  );
  return [...same, ...inside];
}
