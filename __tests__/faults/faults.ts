/**
 * The faults of a schedule, and which request meets which fault. A request is identified by its content and not by its
 * time, so that a schedule can be repeated however the functions' requests interleave.
 */

import { hash } from 'node:crypto';
import fc from 'fast-check';

/** The kinds of faults. */
export const FAULT_KINDS = [
  /** The connection is closed, and new ones are refused for a moment. */
  'refuse',
  /** The connection is reset before the request has any effect. */
  'reset',
  /** The connection is reset while the request's body is sent. */
  'reset-upload',
  /** The connection is reset or closed while the response's body is sent. */
  'reset-download',
  'latency',
  /** A load's looks at the ledger are answered in another order when there is another owner; the table refuses rows. */
  'outdated',
  /** The table responds when a load has hardly any time left. */
  'stall',
  /** The table writes after the load has given up waiting for it. */
  'late',
  /** The response's body arrives slowly, in small pieces. */
  'trickle',
  'status-500',
  'status-503',
  'throttle',
  'unprocessed-some',
  'unprocessed-all',
  /** The request takes effect, but gets no response. */
  'lost-answer',
  /** The response is valid, but has fewer bytes than requested. */
  'truncate',
  /** The response has another version of the object, with that version's ETag. */
  'wrong-etag',
  /** The object is overwritten while it is read, and rows of it are being written: the rest is that of another version. */
  'overwritten',
  /** The requesting function is killed. */
  'kill',
  /** The requesting function is killed, and its request takes effect some time later. */
  'kill-late',
  /** The requesting function gets no response until it times out. */
  'timeout',
  /** The requesting function runs out of memory. */
  'memory',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** The functions that faults target, with their weights. */
const TARGETS = [
  { weight: 2, value: 'fetch-csv' },
  { weight: 4, value: 'validate-csv' },
  { weight: 1, value: 'judge-csv' },
  { weight: 3, value: 'find-duplicates' },
  { weight: 3, value: 'compare-index' },
  { weight: 3, value: 'report-rejects' },
  { weight: 2, value: 'begin-load' },
  { weight: 10, value: 'load-to-dynamodb' },
  { weight: 2, value: 'remove-missing' },
  { weight: 2, value: 'reconcile-load' },
] as const;

/** A fault in the execution of an upload. */
export interface Fault {
  readonly kind: FaultKind;
  /** The function whose requests meet it, by its folder's name. */
  readonly target: string;
  /** Share of the eligible requests that meet it. */
  readonly share: number;
  /** Maximum number of requests that meet it. */
  readonly most: number;
  /** Number of attempts of each of these requests that meet it. */
  readonly depth: number;
}

/** Faults that end a process; three of them end an execution. */
const OF_PROCESSES: ReadonlySet<FaultKind> = new Set(['kill', 'kill-late', 'timeout', 'memory']);

/** Faults from which the SDK, or the table writer, recovers by retrying. */
const PASSING: ReadonlySet<FaultKind> = new Set([
  'refuse',
  'reset',
  'reset-upload',
  'status-500',
  'status-503',
  'lost-answer',
  'unprocessed-some',
]);

/** Number of refusals after which a writer still finishes in time. */
const FEW_REFUSALS = 4;

/** Whether an execution must recover from the faults. */
export function areSoft(faults: readonly Fault[]): boolean {
  const refusals = faults
    .filter(({ target }) => target === 'load-to-dynamodb')
    .reduce((sum, { most, depth }) => sum + most * depth, 0);
  return refusals <= FEW_REFUSALS && faults.every(({ kind, depth }) => PASSING.has(kind) && depth <= 2);
}

/** More requests, or attempts of a request, than a load makes. */
const MANY = 1_000;

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
    !OF_PROCESSES.has(kind) &&
    ![...ofTable, 'reset-upload', 'stall', 'late', 'wrong-etag', 'outdated', 'overwritten'].includes(kind),
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
    // Some of a load's batches are confirmed, and others are not.
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
    // These late writes must not overtake the next execution's.
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
    // A function runs short of time and stops, again and again.
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

/**
 * The faults of a load during which there is a newer upload.
 * @param isOfFeed whether it is an upload of the same feed, which it claims.
 */
export function duringRace(isOfFeed: boolean): fc.Arbitrary<readonly Fault[]> {
  return fc.integer({ min: 1, max: 4 }).chain((few) => slowing(few, isOfFeed));
}

function slowing(few: number, isOfFeed: boolean): fc.Arbitrary<readonly Fault[]> {
  const onLoad = (kind: FaultKind, most: number): Fault => ({
    target: 'load-to-dynamodb',
    kind,
    share: 1,
    most,
    depth: kind === 'outdated' ? MANY : 1,
  });
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom([onLoad('late', few)], [onLoad('kill-late', few)]) },
    // Reading fails while rows are being written.
    { weight: 2, arbitrary: fc.constant([onLoad('late', MANY), onLoad('overwritten', MANY)]) },
    ...(isOfFeed ? [{ weight: 1, arbitrary: fc.constant([onLoad('outdated', MANY)]) }] : []),
  );
}

/** A pseudo-random number in [0, 1) that depends only on the text. */
export function drawn(text: string): number {
  return Number.parseInt(hash('sha1', text).slice(0, 12), 16) / 2 ** 48;
}

/** What the proxy knows about a request before forwarding it. */
export interface RequestFacts {
  /** The requesting function, by its folder's name. */
  readonly target: string;
  readonly service: 's3' | 'dynamodb';
  readonly method: string;
  /** Whether it writes rows to the table, or deletes items there. */
  readonly isWrite: boolean;
  /** Whether it looks at the ledger's item. */
  readonly isLook: boolean;
  /** Identifies the request's content; the same for each retry. */
  readonly identity: string;
  /** Whether it reads the uploaded file. */
  readonly isSource: boolean;
  /** Whether it requests a range of an object. */
  readonly isRange: boolean;
  /** Size of its body, in bytes. */
  readonly length: number;
}

/** The faults of one execution. */
export class FaultPlan {
  readonly #salt: string;
  readonly #faults: readonly Fault[];
  readonly #attempts = new Map<string, number>();
  readonly #met = new Map<Fault, Set<string>>();

  /** @param salt makes each schedule choose different requests. */
  constructor(salt: string, faults: readonly Fault[]) {
    this.#salt = salt;
    this.#faults = faults;
  }

  /** The fault that a request meets, and a number in [0, 1) that says where in the request. */
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
  { service, method, isWrite, isLook, isSource, isRange, length }: RequestFacts,
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
    case 'outdated':
      return isLook || isWrite;
    case 'wrong-etag':
    case 'overwritten':
      return isSource && isDownload;
    case 'trickle':
      return isDownload;
    case 'truncate':
      // For a whole object, S3's response has a checksum that the SDK verifies.
      return isDownload && isRange;
    case 'reset-upload':
      return service === 's3' && length > 0;
    default:
      return true;
  }
}
