/** A schedule: what is uploaded, what starts executions, and what goes wrong. All of it is derived from a seed. */

import fc from 'fast-check';
import { anyFault, duringRace, type Fault } from './faults.ts';
import { FILE_KINDS, type FileKind, type Row, rowsOf, type Writing } from './rows.ts';

/** A file to upload. */
export interface Upload {
  /** The object that it is uploaded as: one of a few, by number. */
  readonly object: number;
  readonly rows: readonly Row[];
  readonly writing: Writing;
}

/** A step of a schedule. An `event` starts an execution, for which the next step does not wait. */
export type Step =
  | { readonly kind: 'upload'; readonly upload: number }
  | { readonly kind: 'event'; readonly upload: number; readonly faults: readonly Fault[] }
  | { readonly kind: 'pause'; readonly milliseconds: number }
  /** Waits until a load writes, or all executions have ended. */
  | { readonly kind: 'writing' }
  /** Waits for all executions. */
  | { readonly kind: 'join' }
  /** Waits for all executions, and redrives those that failed. */
  | { readonly kind: 'redrive'; readonly faults: readonly Fault[] };

/**
 * Steps one after the other. An upload has one or more events after it, at any time and in any order. At the end, the
 * run waits for all executions, and starts the newest upload again.
 */
export interface Schedule {
  readonly seed: number;
  readonly kind: FileKind;
  /** Whether the bucket keeps the versions of an object. If not, nothing is uploaded while an execution is running. */
  readonly isVersioned: boolean;
  readonly uploads: readonly Upload[];
  readonly steps: readonly Step[];
}

/** Maximum rows per file. More would only make a schedule slower. */
const MAX_ROWS = 120;

/** Maximum number of faults per execution. */
const MAX_FAULTS = 4;

/** Maximum pause in milliseconds: about the duration of an execution. */
const MAX_PAUSE = 2_500;

const faults = fc.array(anyFault, { minLength: 1, maxLength: MAX_FAULTS, size: 'max' });
const fewFaults = fc.array(anyFault, { maxLength: 2, size: 'max' });

function anyObject({ objects }: FileKind): fc.Arbitrary<number> {
  return fc.nat(objects - 1);
}

function anyUpload(kind: FileKind, mostRows: number): fc.Arbitrary<Upload> {
  return fc.record({
    object: anyObject(kind),
    rows: rowsOf(mostRows),
    writing: fc.record({
      lineEnd: fc.constantFrom('\n' as const, '\r\n' as const),
      encoding: fc.constantFrom(...kind.encodings),
      isCompressed: fc.oneof(
        { weight: 5, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
      isShort: fc.boolean(),
    }),
  });
}

const PLAIN: Writing = { lineEnd: '\n', encoding: 'utf8', isCompressed: false, isShort: false };

type Course = Pick<Schedule, 'isVersioned' | 'uploads' | 'steps'>;

const redrive: fc.Arbitrary<Step> = fewFaults.map((met) => ({ kind: 'redrive', faults: met }));
const join: Step = { kind: 'join' };

/** Uploads one after the other, each with one event, and without concurrent executions. */
function inTurn(kind: FileKind): fc.Arbitrary<Course> {
  const turn = fc.record({
    upload: anyUpload(kind, MAX_ROWS),
    faults,
    ending: fc.oneof({ weight: 2, arbitrary: fc.constant(join) }, { weight: 1, arbitrary: redrive }),
  });
  const turns = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(turn) },
    { weight: 1, arbitrary: fc.tuple(turn, turn) },
    // The same file is uploaded twice.
    {
      weight: 1,
      arbitrary: fc.tuple(turn, turn).map(([one, other]) => [one, { ...other, upload: one.upload }]),
    },
  );
  return fc.record({ turns, isVersioned: fc.boolean() }).map(({ turns: all, isVersioned }) => ({
    isVersioned,
    uploads: all.map(({ upload }) => upload),
    steps: all.flatMap(({ faults: met, ending }, upload): Step[] => [
      { kind: 'upload', upload },
      { kind: 'event', upload, faults: met },
      ending,
    ]),
  }));
}

/** Uploads and events in any order: duplicated, late, and while other executions are running. */
function atOnce(kind: FileKind): fc.Arbitrary<Course> {
  const event = fc.record({
    /** Number of newer uploads that precede the event. */
    late: fc.constantFrom(0, 0, 0, 1, 2),
    faults: fc.oneof({ weight: 2, arbitrary: fewFaults }, { weight: 1, arbitrary: fc.constant([]) }),
  });
  const uploaded = fc.record({
    upload: anyUpload(kind, MAX_ROWS),
    events: fc.array(event, { minLength: 1, maxLength: 2, size: 'max' }),
  });
  const gap: fc.Arbitrary<Step | undefined> = fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    {
      weight: 4,
      arbitrary: fc.nat(MAX_PAUSE).map((milliseconds): Step => ({ kind: 'pause', milliseconds })),
    },
    { weight: 1, arbitrary: fc.constant(join) },
    { weight: 1, arbitrary: redrive },
  );
  return fc
    .record({
      all: fc.array(uploaded, { minLength: 1, maxLength: 3, size: 'max' }),
      gaps: fc.array(gap, { minLength: 10, maxLength: 10 }),
    })
    .map(({ all, gaps }) => {
      const timed = all.flatMap(({ events }, upload): { at: number; step: Step }[] => [
        { at: upload, step: { kind: 'upload', upload } },
        ...events.map(({ late, faults: met }) => ({
          at: upload + late + 0.5,
          step: { kind: 'event' as const, upload, faults: met },
        })),
      ]);
      // Of the steps at the same time, the newest comes first.
      const ordered = timed.reverse().sort((one, other) => one.at - other.at);
      return {
        isVersioned: true,
        uploads: all.map(({ upload }) => upload),
        steps: ordered.flatMap(({ step }, index) => [step, ...(gaps[index] ? [gaps[index]] : [])]),
      };
    });
}

/**
 * A newer upload while an older one is slowly written. No write of the older one may follow one of the newer one, unless
 * the table's condition refuses it. The files are read as they are, and have no broken rows, so that there is always a
 * load of both.
 */
function race({ objects, isOneFeed }: FileKind): fc.Arbitrary<Course> {
  return fc
    .record({
      rows: rowsOf(MAX_ROWS, MAX_ROWS / 2),
      faults: duringRace(isOneFeed),
      pause: fc.nat(MAX_PAUSE / 4),
      isOlderAgain: fc.boolean(),
    })
    .map(({ rows, faults: met, pause, isOlderAgain }) => ({
      isVersioned: true,
      // With the same keys but other values, so that every row written, or deleted, in the wrong order is detected.
      uploads: [0, 1].map((more) => ({
        object: objects === 1 ? 0 : more,
        rows: rows.map((row) => ({
          ...row,
          amount: row.amount + more,
          day: ((row.day - 1 + more) % 31) + 1,
          flag: row.flag !== (more === 1),
          broken: undefined,
        })),
        writing: PLAIN,
      })),
      steps: [
        { kind: 'upload', upload: 0 },
        { kind: 'event', upload: 0, faults: met },
        { kind: 'writing' },
        { kind: 'pause', milliseconds: pause },
        { kind: 'upload', upload: 1 },
        { kind: 'event', upload: 1, faults: [] },
        ...(isOlderAgain ? [{ kind: 'event' as const, upload: 0, faults: [] }] : []),
      ],
    }));
}

const anySchedule: fc.Arbitrary<Omit<Schedule, 'seed'>> = fc
  .constantFrom(...FILE_KINDS)
  .chain((kind) =>
    fc
      .oneof(
        { weight: 4, arbitrary: inTurn(kind) },
        { weight: 4, arbitrary: atOnce(kind) },
        { weight: 2, arbitrary: race(kind) },
      )
      .map((course): Omit<Schedule, 'seed'> => ({ kind, ...course })),
  );

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const [schedule] = fc.sample(anySchedule, { seed, numRuns: 1 });
  if (schedule === undefined) throw new Error(`There is no schedule ${seed}.`);
  return { seed, ...schedule };
}
