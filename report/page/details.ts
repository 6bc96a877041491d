/** The details of the state that is selected in the drawing or the timeline. */

import type { ErrorRecord, MapRun, Payload, RunRecord, StateRecord, Visit } from '../record/run-record.ts';
import { el, facts, table } from './dom.ts';
import { count, counted, countLabel, dollars, duration, lengthOf, moment, outcomeText } from './format.ts';
import { pagedTable } from './paged-table.ts';

/** Everything that is known about a state. */
export function stateDetails(run: RunRecord, name: string): readonly HTMLElement[] {
  const node = run.graph.nodes.find((each) => each.name === name);
  const state = run.states.find((each) => each.name === name);
  const comment = node?.comment === undefined ? [] : [el('p', {}, node.comment)];
  if (state === undefined) return [...comment, el('p', {}, `${node?.type ?? 'State'}, not entered.`)];
  return [
    ...comment,
    summary(run, state),
    ...(state.error === undefined ? [] : [errorView('Error', state.error)]),
    ...run.maps.filter(({ map }) => map === name).map((map, index) => mapView(run, map, index)),
    ...(state.visits.length === 0 ? [] : [visits(run, state)]),
  ];
}

function summary(run: RunRecord, state: StateRecord): HTMLElement {
  const { type, map, status, entered, attempts, milliseconds, invocations, functionMilliseconds } = state;
  const cost = run.costs.items
    .filter((item) => item.state === state.name)
    .reduce((sum, item) => sum + item.dollars, 0);
  return facts([
    ['Outcome', outcomeText(status)],
    ['Type', map === undefined ? type : `${type}, inside ${map}`],
    [map === undefined && entered === 1 ? 'Duration' : 'Total duration', duration(milliseconds)],
    ['Entered', counted(entered, 'time', 'times')],
    ['Attempts', count(attempts)],
    ...(invocations > 0 ? [['Function time', duration(functionMilliseconds)] as const] : []),
    ['Largest input', `${count(state.inputBytes)} bytes`],
    ['Largest output', `${count(state.outputBytes)} bytes`],
    ...Object.entries(state.counts).map(([what, rows]) => [countLabel(what), count(rows)] as const),
    ['Cost on AWS', dollars(cost)],
  ]);
}

function errorView(heading: string, { name, cause, stack }: ErrorRecord): HTMLElement {
  return el(
    'div',
    { class: 'error' },
    el('h3', {}, `${heading}: ${name}`),
    el('p', {}, cause),
    stack.length === 0
      ? undefined
      : el('details', {}, el('summary', {}, 'Stack'), el('pre', { tabindex: 0 }, stack.join('\n'))),
  );
}

function mapView(run: RunRecord, map: MapRun, index: number): HTMLElement {
  const { iterations, succeeded, failed, shortest, median, longest, kept } = map;
  const note = kept.length < iterations ? `The first ${count(kept.length)} are shown.` : '';
  return el(
    'div',
    {},
    el('h3', {}, `Iterations${index === 0 ? '' : `, visit ${index + 1}`}`),
    facts([
      ['Iterations', count(iterations)],
      ['Succeeded', count(succeeded)],
      ['Failed', count(failed)],
      ['Shortest', duration(shortest)],
      ['Median', duration(median)],
      ['Longest', duration(longest)],
    ]),
    note === '' ? undefined : el('p', {}, note),
    pagedTable({
      id: `iterations-${index}`,
      caption: `Iterations of ${map.map}`,
      rows: kept,
      columns: [
        { name: 'Iteration', text: (each) => count(each.index), order: (each) => each.index },
        { name: 'Outcome', text: (each) => outcomeText(each.status) },
        { name: 'Start', text: (each) => duration(each.since - run.since), order: (each) => each.since },
        {
          name: 'Duration',
          text: lengthOf,
          order: (each) => (each.until ?? Number.POSITIVE_INFINITY) - each.since,
        },
        { name: 'Retries', text: (each) => count(each.retries.length), order: (each) => each.retries.length },
        {
          name: 'Error',
          text: ({ error }) => (error === undefined ? '' : `${error.name}: ${error.cause}`),
        },
      ],
    }),
  );
}

/** The visits of a state, one at a time. */
function visits(run: RunRecord, state: StateRecord): HTMLElement {
  const holder = el('div');
  const show = (index: number) => {
    const visit = state.visits[index];
    if (visit !== undefined) holder.replaceChildren(...visitView(run, visit));
  };
  show(0);
  if (state.visits.length === 1) return holder;
  const choice = el(
    'select',
    { id: 'visit' },
    ...state.visits.map((visit, index) => el('option', { value: index }, visitName(run, visit, index))),
  );
  choice.addEventListener('change', () => show(Number(choice.value)));
  const note =
    state.visits.length < state.entered
      ? ` (${count(state.visits.length)} of ${count(state.entered)} kept)`
      : '';
  return el('div', {}, el('p', {}, el('label', { for: 'visit' }, `Visit${note} `), choice), holder);
}

function visitName(run: RunRecord, { iteration, since, status }: Visit, index: number): string {
  const where = iteration === undefined ? `${index + 1}` : `iteration ${iteration}`;
  return `${where}, at ${duration(since - run.since)}, ${outcomeText(status)}`;
}

function visitView(run: RunRecord, visit: Visit): HTMLElement[] {
  const { attempts, input, output } = visit;
  const rows = attempts.map((attempt, index) => {
    const error = attempt.error === undefined ? '' : `${attempt.error.name}: ${attempt.error.cause}`;
    return [`${index + 1}`, duration(attempt.since - run.since), lengthOf(attempt), error];
  });
  return [
    el('p', {}, `Started ${moment(visit.since)}, duration ${lengthOf(visit)}`),
    table('Attempts', ['Attempt', 'Start', 'Duration', 'Error'], rows),
    payloadView('Input', input),
    payloadView('Output', output),
  ];
}

/** Formatted JSON. A payload that was cut is shown as it is. */
export function payloadView(heading: string, payload: Payload | null): HTMLElement {
  if (payload === null) return el('p', {}, `${heading}: not available.`);
  const { json, bytes } = payload;
  const length = new TextEncoder().encode(json).length;
  const note =
    length < bytes ? ` (the first ${count(length)} of ${count(bytes)} bytes)` : ` (${count(bytes)} bytes)`;
  return el(
    'details',
    { open: length === bytes && bytes < 2_000 },
    el('summary', {}, `${heading}${note}`),
    el('pre', { tabindex: 0 }, pretty(json)),
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
