/** Attributes that a function of the dataset's own makes of a row. */

import type { Load } from '../load.ts';
import type { Problem } from '../options.ts';
import { type Storable, storageProblem } from '../storable.ts';
import type { Addition, RowValues, Upload } from './item-shape.ts';
import { nameProblem } from './paths.ts';
import { RowFault } from './row-fault.ts';

/** What the function returns; an attribute that is undefined is left out. */
export type Derived = Readonly<Record<string, Storable | undefined>>;

/** The function, whatever columns its dataset has. */
export type Derive = (row: never, upload: Upload) => unknown;

/** What is wrong with the option. */
export function deriveProblems(
  derive: Derive | undefined,
  { mode, feed }: { readonly mode?: string | undefined; readonly feed?: string | undefined } = {},
): Problem[] {
  if (derive === undefined) return [];
  const problem = (message: string): Problem[] => [{ path: ['derive'], message }];
  if (mode === 'merge') {
    return problem(
      'does not work with the mode "merge", whose files may lack columns; remove one of the two',
    );
  }
  return feed !== undefined && derive.length > 1
    ? problem(
        'may have only one parameter, the row: changesOnly and "replace" skip rows that have not changed, and what is derived from the upload changes in every row',
      )
    : [];
}

/**
 * Sets what the function returns.
 * @param claimed names of the attributes that the dataset sets itself.
 */
export function deriveAddition(
  derive: Derive | undefined,
  { feed }: Pick<Load, 'feed'>,
  claimed: ReadonlySet<string>,
): Addition[] {
  if (derive === undefined) return [];
  const needsUpload = feed === undefined && derive.length > 1;
  return [
    {
      attributes: [],
      columns: [],
      needsUpload,
      add: (item, values, upload) => {
        const derived = derivedFrom(derive, values, needsUpload ? upload : undefined);
        if (derived instanceof RowFault) return derived;
        for (const [name, value] of Object.entries(derived)) {
          if (value === undefined) continue;
          const fault = faultOf(name, value, claimed);
          if (fault !== undefined) return fault;
          item[name] = value;
        }
        return undefined;
      },
    },
  ];
}

/** Calls the function. An error that it throws is not passed on: it may contain cells. */
function derivedFrom(
  derive: (...given: never[]) => unknown,
  values: RowValues,
  upload: Upload | undefined,
): Readonly<Record<string, Storable | undefined>> | RowFault {
  try {
    // The function gets copies, so that it cannot replace a value of the row, or of the upload.
    const given = [{ ...values }, ...(upload === undefined ? [] : [{ ...upload }])];
    const derived = derive(...(given as never[]));
    const isPlain =
      typeof derived === 'object' && derived !== null && Object.getPrototypeOf(derived) === Object.prototype;
    return isPlain ? Object(derived) : fault('returns no plain object');
  } catch {
    return fault('throws an error');
  }
}

function faultOf(name: string, value: Storable, claimed: ReadonlySet<string>): RowFault | undefined {
  // A name may be made of cells.
  const wrongName = nameProblem(name);
  if (wrongName !== undefined)
    return fault('returns an attribute whose name DynamoDB does not take', wrongName);
  if (claimed.has(name)) return fault('returns an attribute that the item has anyway', name);
  if (storageProblem(value) === undefined) return undefined;
  return fault('returns a value that DynamoDB cannot store', name);
}

/** Characters of a name that are kept. */
const MAX_DETAIL_CHARACTERS = 200;

function fault(what: string, detail?: string): RowFault {
  return new RowFault(
    null,
    'derive_failed',
    `cannot be derived: derive ${what}`,
    detail?.slice(0, MAX_DETAIL_CHARACTERS),
  );
}
