/** When each state and each iteration of a Map ran. Retries are ticks. */

import type { Iteration, Outcome, RunRecord, Span, Visit } from '../record/run-record.ts';
import { button, el, svg } from './dom.ts';
import { counted, duration, lengthOf, look, outcomeText } from './format.ts';

/** Height of a lane, in pixels. Bars that overlap in time are in different lanes. */
const LANE = 14;

/** Height of a lane if there are many, in pixels. */
const THIN_LANE = 4;

/** Lanes of a state. */
const MAX_LANES = 40;

/** Width of the drawing, in SVG units. */
const WIDTH = 1_000;

interface Bar extends Span {
  readonly status: Outcome;
  readonly label: string;
  readonly retries: readonly number[];
}

/** @param select called with the name of the state that the reader selects */
export function timeline(run: RunRecord, select: (state: string) => void): HTMLElement {
  const end =
    run.until ??
    Math.max(
      ...run.states.flatMap(({ visits }) => visits.map(({ since, until }) => until ?? since)),
      run.since,
    );
  const length = Math.max(1, end - run.since);
  const rows = run.states
    .filter(({ map, type }) => map === undefined && type !== 'Succeed' && type !== 'Fail')
    .flatMap(({ name, visits, status }) => {
      const own = visits.map((visit) => visitBar(name, visit));
      const iterations = run.maps
        .filter(({ map }) => map === name)
        .flatMap(({ kept }) => kept.map(iterationBar));
      const state = row(
        run,
        length,
        button(name, () => select(name), { class: 'link' }),
        own,
        LANE,
        status,
      );
      if (iterations.length === 0) return [state];
      const caption = el('span', {}, counted(iterations.length, 'iteration', 'iterations'));
      return [
        state,
        row(run, length, caption, iterations, iterations.length > 8 ? THIN_LANE : LANE / 2, status),
      ];
    });
  return el(
    'div',
    { class: 'timeline' },
    el(
      'div',
      { class: 'axis', 'aria-hidden': true },
      el('span', {}, '0'),
      el('span', {}, duration(length / 2)),
      el('span', {}, duration(length)),
    ),
    el('ul', {}, ...rows),
  );
}

function visitBar(name: string, { since, until, status, attempts }: Visit): Bar {
  return { since, until, status, label: name, retries: attempts.slice(1).map((attempt) => attempt.since) };
}

function iterationBar({ index, since, until, status, retries }: Iteration): Bar {
  return { since, until, status, label: `Iteration ${index}`, retries };
}

function row(
  run: RunRecord,
  length: number,
  caption: HTMLElement,
  bars: readonly Bar[],
  height: number,
  status: Outcome,
): HTMLElement {
  const lanes = lanesOf(bars);
  const used = Math.max(1, ...lanes.map((lane) => lane + 1));
  const x = (at: number) => ((at - run.since) / length) * WIDTH;
  const rects = bars.map((bar, index) => {
    const { since, until, retries } = bar;
    const from = x(since);
    const width = Math.max(1.5, (until === null ? WIDTH : x(until)) - from);
    const y = (lanes[index] ?? 0) * height;
    const retried = retries.length === 0 ? '' : `, ${counted(retries.length, 'retry', 'retries')}`;
    return svg(
      'g',
      { class: look(bar.status).style },
      svg(
        'title',
        {},
        `${bar.label}: ${outcomeText(bar.status)}, ${lengthOf(bar)}${retried}, started at ${duration(since - run.since)}`,
      ),
      svg('rect', { x: from, y: y + 0.5, width, height: height - 1 }),
      ...retries.map((at) => svg('rect', { class: 'retry', x: x(at) - 1, y, width: 2, height })),
    );
  });
  const total = bars.reduce((sum, { since, until }) => sum + (until ?? since) - since, 0);
  const description = `${bars.length === 1 ? '' : `${bars.length} times, `}${outcomeText(status)}, ${duration(total)} in total`;
  return el(
    'li',
    {},
    el('div', { class: 'caption' }, caption),
    svg(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${used * height}`,
        preserveAspectRatio: 'none',
        height: used * height,
        role: 'img',
        'aria-label': description,
      },
      ...rects,
    ),
  );
}

/** For each bar, the first lane that is free when it starts. If all lanes are in use, bars overlap in the last one. */
function lanesOf(bars: readonly Bar[]): readonly number[] {
  const ends: number[] = [];
  const lanes = new Map<Bar, number>();
  for (const bar of bars.toSorted((one, other) => one.since - other.since)) {
    const free = ends.findIndex((end) => end <= bar.since);
    const lane = free === -1 ? Math.min(ends.length, MAX_LANES - 1) : free;
    ends[lane] = bar.until ?? Number.POSITIVE_INFINITY;
    lanes.set(bar, lane);
  }
  return bars.map((bar) => lanes.get(bar) ?? 0);
}
