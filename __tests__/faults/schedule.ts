/** A schedule: what is uploaded, and what goes wrong meanwhile. All of it follows from its seed. */

import fc from 'fast-check';
import { anyFault, type Fault } from './faults.ts';
import { FILE_KINDS, type FileKind, type Row, rowsOf, type Writing } from './rows.ts';

/** A file, and the faults that the execution which loads it meets. */
export interface Upload {
  readonly rows: readonly Row[];
  readonly writing: Writing;
  readonly faults: readonly Fault[];
}

/**
 * What happens one after the other. Each upload is under the same key, its one event starts one execution, and the next
 * upload comes when that one has ended and, if it failed, was started again. Faults of events belong here, beside
 * `uploads`: events that come twice, late, in another order, or while another execution is under way.
 */
export interface Schedule {
  readonly seed: number;
  readonly kind: FileKind;
  readonly uploads: readonly Upload[];
}

/** Rows of a file; more would make a schedule take longer, and no other way. */
const MOST_ROWS = 120;

/** The most faults of an upload. */
const MOST_FAULTS = 4;

const anySchedule: fc.Arbitrary<Omit<Schedule, 'seed'>> = fc.constantFrom(...FILE_KINDS).chain((kind) => {
  const upload = fc.record({
    rows: rowsOf(MOST_ROWS),
    writing: fc.record({
      lineEnd: fc.constantFrom('\n' as const, '\r\n' as const),
      encoding: fc.constantFrom(...kind.encodings),
      isPacked: fc.oneof(
        { weight: 5, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    }),
    faults: fc.array(anyFault, { minLength: 1, maxLength: MOST_FAULTS, size: 'max' }),
  });
  const uploads = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(upload) },
    { weight: 1, arbitrary: fc.tuple(upload, upload) },
    // The same file once more.
    {
      weight: 1,
      arbitrary: fc
        .tuple(upload, fc.array(anyFault, { minLength: 1, maxLength: 2 }))
        .map(([first, faults]) => [first, { ...first, faults }]),
    },
  );
  return fc.record({ kind: fc.constant(kind), uploads });
});

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const [schedule] = fc.sample(anySchedule, { seed, numRuns: 1 });
  if (schedule === undefined) throw new Error(`There is no schedule ${seed}.`);
  return { seed, ...schedule };
}
