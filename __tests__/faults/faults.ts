/**
 * The faults of a schedule, and which of them a request meets. A request is told by what it asks for and not by when it
 * comes, so that a schedule does the same again however the functions' requests interleave.
 */

import { hash } from 'node:crypto';
import fc from 'fast-check';

/** What may be done to a request. */
export const FAULT_KINDS = [
  /** The connection is closed, and for a moment none is taken. */
  'refuse',
  /** The connection is reset before anything was done, */
  'reset',
  /** or while the request's body is sent, */
  'reset-upload',
  /** or while the answer's body is; or it is closed then. */
  'reset-download',
  'latency',
  /** The table answers when a load has hardly any time left. */
  'stall',
  /** The table writes when the load has given up waiting for it. */
  'late',
  /** The answer's body comes in small pieces, slowly. */
  'trickle',
  'status-500',
  'status-503',
  'throttle',
  'unprocessed-some',
  'unprocessed-all',
  /** All is done, and no answer is given. */
  'lost-answer',
  /** An answer that is sound and has fewer bytes than were asked for. */
  'truncate',
  /** What is answered is another version of the object, with its ETag. */
  'wrong-etag',
  /** The function that asks is killed, */
  'kill',
  /** and what it asked for is done only then, after a while, */
  'kill-late',
  /** or gets no answer until its time runs out, */
  'timeout',
  /** or takes more memory than it may have. */
  'memory',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** What a fault is meant for. */
const TARGETS = [
  { weight: 2, value: 'fetch-csv' },
  { weight: 4, value: 'validate-csv' },
  { weight: 1, value: 'judge-csv' },
  { weight: 3, value: 'find-duplicates' },
  { weight: 3, value: 'report-rejects' },
  { weight: 2, value: 'begin-load' },
  { weight: 10, value: 'load-to-dynamodb' },
  { weight: 2, value: 'reconcile-load' },
] as const;

/** One kind of fault in one upload's execution. */
export interface Fault {
  readonly kind: FaultKind;
  /** The function whose requests it is for, by the name of its folder. */
  readonly target: string;
  /** Of the requests that it could be for, the share that it is for, */
  readonly share: number;
  /** but no more than so many. */
  readonly most: number;
  /** How often each of them meets it: so many times it is made in vain. */
  readonly depth: number;
}

/** Faults that end a process, and so an execution when they come thrice. */
const OF_PROCESSES: ReadonlySet<FaultKind> = new Set(['kill', 'kill-late', 'timeout', 'memory']);

/** Faults over which the SDK, or the writer, gets by asking once more. */
const PASSING: ReadonlySet<FaultKind> = new Set([
  'refuse',
  'reset',
  'reset-upload',
  'status-500',
  'status-503',
  'lost-answer',
  'unprocessed-some',
]);

/** Refusals after which a writer still is fast enough for the time that it has. */
const FEW_REFUSALS = 4;

/** Whether an execution gets over the faults. */
export function areSoft(faults: readonly Fault[]): boolean {
  const refusals = faults
    .filter(({ target }) => target === 'load-to-dynamodb')
    .reduce((sum, { most, depth }) => sum + most * depth, 0);
  return refusals <= FEW_REFUSALS && faults.every(({ kind, depth }) => PASSING.has(kind) && depth <= 2);
}

const depth = fc.oneof(
  { weight: 12, arbitrary: fc.constant(1) },
  { weight: 5, arbitrary: fc.constant(2) },
  { weight: 2, arbitrary: fc.constant(3) },
  { weight: 1, arbitrary: fc.constant(20) },
);
const target = fc.oneof(
  ...TARGETS.map(({ weight, value }) => ({ weight, arbitrary: fc.constant<string>(value) })),
);
const onLoad = fc.constant('load-to-dynamodb');
const inGeneral = {
  target,
  share: fc.constantFrom(0.1, 0.5, 1),
  most: fc.integer({ min: 1, max: 8 }),
  depth,
};
const ofTable: readonly FaultKind[] = ['throttle', 'unprocessed-some', 'unprocessed-all'];
const ofRequests: readonly FaultKind[] = FAULT_KINDS.filter(
  (kind) =>
    !OF_PROCESSES.has(kind) && ![...ofTable, 'reset-upload', 'stall', 'late', 'wrong-etag'].includes(kind),
);

/** Any fault; those that end an execution, or take long, are rare. */
export const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ ...inGeneral, kind: fc.constantFrom(...ofRequests) }) },
  {
    weight: 5,
    arbitrary: fc.record({ ...inGeneral, target: onLoad, kind: fc.constantFrom(...ofTable) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ ...inGeneral, target: onLoad, kind: fc.constant<FaultKind>('lost-answer') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      target,
      kind: fc.constantFrom<FaultKind>('kill', 'kill', 'kill', 'memory', 'timeout'),
      share: fc.constantFrom(0.1, 0.3),
      most: fc.constant(1),
      depth: fc.constantFrom(1, 1, 2, 3, 3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...inGeneral,
      target: fc.constantFrom('validate-csv', 'find-duplicates', 'report-rejects', 'reconcile-load'),
      kind: fc.constant<FaultKind>('reset-upload'),
    }),
  },
  {
    // Of a load's batches some are confirmed and some are not.
    weight: 2,
    arbitrary: fc.record({
      target: onLoad,
      kind: fc.constantFrom<FaultKind>('stall', 'late'),
      share: fc.constantFrom(0.1, 0.3),
      most: fc.constant(2),
      depth: fc.constant(1),
    }),
  },
  {
    // Of which the next execution must not be overtaken.
    weight: 2,
    arbitrary: fc.record({
      target: onLoad,
      kind: fc.constant<FaultKind>('kill-late'),
      share: fc.constantFrom(0.1, 0.5),
      most: fc.constant(1),
      depth: fc.constantFrom(1, 3),
    }),
  },
  {
    // So that a function's time runs short and it stops, again and again.
    weight: 3,
    arbitrary: fc.record({
      target: fc.constantFrom('load-to-dynamodb', 'load-to-dynamodb', 'validate-csv', 'report-rejects'),
      kind: fc.constant<FaultKind>('trickle'),
      share: fc.constantFrom(0.5, 1),
      most: fc.constant(20),
      depth: fc.constant(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      target: fc.constantFrom(
        'fetch-csv',
        'validate-csv',
        'load-to-dynamodb',
        'load-to-dynamodb',
        'report-rejects',
      ),
      kind: fc.constant<FaultKind>('wrong-etag'),
      share: fc.constantFrom(0.3, 1),
      most: fc.constant(1),
      depth: fc.constant(1),
    }),
  },
);

/** A number from 0 up to 1 that a text always gives. */
export function drawn(text: string): number {
  return Number.parseInt(hash('sha1', text).slice(0, 12), 16) / 2 ** 48;
}

/** What a proxy knows of a request before it passes it on. */
export interface RequestFacts {
  /** The function that makes it, by the name of its folder. */
  readonly target: string;
  readonly service: 's3' | 'dynamodb';
  readonly method: string;
  /** Whether it writes rows to the table. */
  readonly isWrite: boolean;
  /** What it asks for; the same when it is made again. */
  readonly identity: string;
  /** Whether it reads the file that was uploaded. */
  readonly isSource: boolean;
  /** Whether it asks for a part of an object. */
  readonly isRange: boolean;
  /** Bytes of its body. */
  readonly length: number;
}

/** The faults of one execution. */
export class FaultPlan {
  readonly #salt: string;
  readonly #faults: readonly Fault[];
  readonly #attempts = new Map<string, number>();
  readonly #met = new Map<Fault, Set<string>>();

  /** @param salt without which every schedule would choose the same requests. */
  constructor(salt: string, faults: readonly Fault[]) {
    this.#salt = salt;
    this.#faults = faults;
  }

  /** The fault that a request meets, and a number from 0 up to 1 that says where in it. */
  of(request: RequestFacts): { readonly kind: FaultKind; readonly where: number } | undefined {
    const attempt = (this.#attempts.get(request.identity) ?? 0) + 1;
    this.#attempts.set(request.identity, attempt);
    for (const [index, fault] of this.#faults.entries()) {
      if (fault.target !== request.target || attempt > fault.depth || !isFor(fault.kind, request)) continue;
      const salt = `${this.#salt} ${index} ${request.identity}`;
      if (drawn(salt) >= fault.share) continue;
      const met = this.#met.get(fault) ?? new Set();
      this.#met.set(fault, met);
      if (!met.has(request.identity) && met.size >= fault.most) continue;
      met.add(request.identity);
      return { kind: fault.kind, where: drawn(`${salt} ${attempt}`) };
    }
    return undefined;
  }
}

function isFor(
  kind: FaultKind,
  { service, method, isWrite, isSource, isRange, length }: RequestFacts,
): boolean {
  const isDownload = service === 's3' && method === 'GET';
  switch (kind) {
    case 'throttle':
      return service === 'dynamodb';
    case 'unprocessed-some':
    case 'unprocessed-all':
    case 'stall':
    case 'late':
    case 'kill-late':
      return isWrite;
    case 'wrong-etag':
      return isSource && isDownload;
    case 'trickle':
      return isDownload;
    case 'truncate':
      // Where an object is asked for as a whole, S3's answer has a checksum that the SDK compares.
      return isDownload && isRange;
    case 'reset-upload':
      return service === 's3' && length > 0;
    default:
      return true;
  }
}
