/** Simulates {@link WriteRate} with a table, in virtual time. As a program, it simulates the scenarios on its stdin. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WriteRate } from '../../functions/core/table/write-rate.ts';
import { EventQueue, seeded } from '../virtual-time.ts';
import { TokenBucket } from './token-bucket.ts';

export interface Scenario {
  /** The capacity of the table, in writes per second. */
  readonly capacity: number;
  /** The seconds of unused capacity that the table saves. It starts with all of them. */
  readonly burst: number;
  /** The milliseconds from a request to its response, plus or minus a fifth. */
  readonly latency: number;
  readonly writers: number;
  /** The length of the simulation, in seconds. */
  readonly length: number;
  /** The seconds after the start, and after the change, that do not count. */
  readonly warmUp: number;
  /** The factor by which the capacity changes halfway. */
  readonly change?: number;
  readonly cap?: number | null;
  readonly seed?: number;
}

export interface Outcome {
  /** The share of the table's capacity that was used, without the warm-up. */
  readonly busy: number;
  /** The share of all requests that the table throttled, fully or in part, including the warm-up. */
  readonly wasted: number;
  readonly requests: number;
  readonly maxInFlight: number;
  /** The number of items that each writer wrote. */
  readonly written: readonly number[];
  /** The most items that the table accepted in one second. */
  readonly busiestSecond: number;
}

/** The number of items of a request. */
const BATCH = 25;

/** The most requests in flight of one writer. */
const CONCURRENCY = 64;

/** Simulates in its own process, which is ten times as fast as in the sandbox of jest. */
export function simulateAll(scenarios: readonly Scenario[]): readonly Outcome[] {
  const module = join(import.meta.dirname, 'simulation.ts');
  const { stdout, stderr } = spawnSync(process.execPath, [module], {
    input: JSON.stringify(scenarios),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stdout === '') throw new Error(`The simulation failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** Simulates a table and its writers, which never run out of items. */
function simulate(scenario: Scenario): Outcome {
  const { capacity, burst, latency, length, warmUp, change = 1, cap = null, seed = 1 } = scenario;
  const random = seeded(seed);
  const table = new TokenBucket(capacity, burst);
  const queue = new EventQueue();
  const changeAt = (length * 1_000) / 2;
  let requests = 0;
  let wasted = 0;
  let used = 0;
  let maxInFlight = 0;
  const written: number[] = [];
  const perSecond: number[] = [];
  const counts = (now: number) =>
    now >= warmUp * 1_000 && (change === 1 || now < changeAt || now >= changeAt + warmUp * 1_000);

  for (let index = 0; index < scenario.writers; index += 1) {
    const rate = new WriteRate({ cap, random });
    const refused: number[] = [];
    let inFlight = 0;
    let asleep = false;
    written.push(0);

    const go = (now: number): void => {
      asleep = false;
      while (inFlight + refused.length < CONCURRENCY || refused.length > 0) {
        const delay = rate.delay(now);
        if (delay > 0) {
          asleep = true;
          // A timer has a resolution of one millisecond.
          queue.add(now + Math.max(1, Math.ceil(delay)), go);
          return;
        }
        const left = refused.shift() ?? BATCH;
        const items = Math.min(left, rate.items);
        if (items < left) refused.unshift(left - items);
        send(items, now);
      }
    };
    const send = (items: number, now: number): void => {
      rate.sent(items, now);
      inFlight += 1;
      maxInFlight = Math.max(maxInFlight, inFlight);
      const [there, back] = [random(), random()].map((each) => (latency / 2) * (0.8 + 0.4 * each));
      queue.add(now + (there ?? 0), (arrival) => {
        const taken = table.take(items, arrival);
        requests += 1;
        if (taken < items) wasted += 1;
        if (counts(arrival)) used += taken;
        const second = Math.floor(arrival / 1_000);
        perSecond[second] = (perSecond[second] ?? 0) + taken;
        written[index] = (written[index] ?? 0) + taken;
        queue.add(arrival + (back ?? 0), (answer) => {
          inFlight -= 1;
          rate.answered(items, taken, answer);
          if (taken < items) refused.push(items - taken);
          if (!asleep) go(answer);
        });
      });
    };
    queue.add(random() * 100, go);
  }
  if (change !== 1) queue.add(changeAt, (now) => table.change(capacity * change, now));
  queue.run(length * 1_000);

  const offered =
    change === 1 ? capacity * (length - warmUp) : capacity * (1 + change) * (length / 2 - warmUp);
  return {
    busy: used / offered,
    wasted: wasted / requests,
    requests,
    maxInFlight,
    written,
    busiestSecond: Math.max(...perSecond),
  };
}

if (process.argv[1] === import.meta.filename) {
  const scenarios: readonly Scenario[] = JSON.parse(readFileSync(0, 'utf8'));
  process.stdout.write(JSON.stringify(scenarios.map(simulate)));
}
