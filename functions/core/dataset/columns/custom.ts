/** Columns that a schema of the user's own reads. */

import type { z as fullZod } from 'zod';
import * as z from 'zod/mini';
import { optionsOf } from '../options.ts';
import { type Storable, storageProblem } from '../storable.ts';
import { COMMON, column, type Known, ownFault, string } from './column.ts';
import { OUT_OF_RANGE } from './number.ts';

const customOptions = optionsOf({
  ...COMMON,
  /** What is wrong with a cell that the schema refuses; it stands in the list of rejected rows alone. */
  reason: z.exactOptional(string),
});
type CustomOptions = z.input<typeof customOptions>;

/**
 * What a zod schema of your own makes of the cell. Neither its messages nor its errors are passed on: they may contain
 * the cell.
 */
export function custom<Value extends Storable, const Options extends CustomOptions>(
  schema: fullZod.ZodType<Value, string>,
  options?: Known<Options, CustomOptions>,
) {
  return column<Value, Options, CustomOptions>('unknown', customOptions, options, ({ reason }) => {
    const fault = ownFault(reason);
    return (cell) => {
      try {
        const { success, data } = schema.safeParse(cell);
        if (!success) return fault;
        const problem = storageProblem(data);
        if (problem === undefined) return data;
        return problem === 'number' ? OUT_OF_RANGE : fault;
      } catch {
        return fault;
      }
    };
  });
}
