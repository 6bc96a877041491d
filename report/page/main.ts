/** The script of the report: shows the record that the page contains as JSON. */

import type { RunRecord } from '../record/run-record.ts';
import { rowsChart } from './chart.ts';
import { payloadView, stateDetails } from './details.ts';
import { el, facts, section } from './dom.ts';
import { count, countLabel, dollars, lengthOf, look, moment } from './format.ts';
import { graphView } from './graph-view.ts';
import { pagedTable } from './paged-table.ts';
import { timeline } from './timeline.ts';

function show(run: RunRecord, drawing: Element): void {
  document.title = `${run.name}: ${run.status}`;
  const details = section('details', 'State');
  const heading = details.querySelector('h2');
  const select = (state: string, isByReader = true) => {
    graph.mark(state);
    if (heading === null) return;
    heading.textContent = state;
    details.replaceChildren(heading, ...stateDetails(run, state));
    // The keyboard focus moves to the details; Escape moves it back to the state.
    if (isByReader) heading.focus();
  };
  const graph = graphView(run, drawing, select);
  details.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const pressed = drawing.querySelector('[aria-pressed="true"]');
    if (pressed instanceof SVGElement) pressed.focus();
  });
  const { rows } = run.rejected;
  document.body.append(
    head(run),
    el(
      'main',
      {},
      el('div', { class: 'split' }, section('machine', 'State machine', graph.element), details),
      section('timeline', 'Timeline', timeline(run, select)),
      section('rows', 'Rows per second', rowsChart(run.rows)),
      section('rejected', 'Rejected rows', ...rejected(run)),
      section(
        'file',
        'File',
        run.file.length === 0 ? 'Nothing was detected about the file.' : facts(run.file),
      ),
      section('costs', 'Cost on AWS', ...costs(run)),
      section('payloads', 'Execution', payloadView('Input', run.input), payloadView('Output', run.output)),
    ),
  );
  const failed = run.states.find(({ status }) => status === 'FAILED' || status === 'CAUGHT');
  select((failed ?? run.states[0])?.name ?? run.graph.start, false);
  document.documentElement.dataset.rejected = String(rows.length);
}

function head(run: RunRecord): HTMLElement {
  const { symbol, style } = look(run.status === 'TIMED_OUT' ? 'FAILED' : run.status);
  const counts = Object.entries(run.counts).map(([what, rows]) => [countLabel(what), count(rows)] as const);
  return el(
    'header',
    {},
    el('h1', {}, el('span', { class: `status ${style}` }, `${symbol} ${run.status}`), ` ${run.name}`),
    run.error === undefined
      ? undefined
      : el('p', { class: 'error' }, `${run.error.name}: ${run.error.cause}`),
    facts([
      ['Ran on', run.place === 'local' ? 'this machine' : 'AWS'],
      ['Started', moment(run.since)],
      ['Duration', lengthOf(run)],
      ...counts,
      ['Cost on AWS', dollars(run.costs.dollars)],
    ]),
  );
}

function rejected({ rejected: { total, rows, note } }: RunRecord): readonly HTMLElement[] {
  const notes = [
    ...(rows.length > 0 && rows.length < total
      ? [`The first ${count(rows.length)} of ${count(total)} rejected rows; rejected.csv has all of them.`]
      : []),
    ...(note === undefined ? [] : [note]),
  ].map((text) => el('p', {}, text));
  if (rows.length === 0) return notes.length > 0 ? notes : [el('p', {}, 'None.')];
  return [
    ...notes,
    pagedTable({
      id: 'rejects',
      caption: 'Rejected rows',
      search: true,
      rows,
      columns: [
        { name: 'Line', text: ({ line }) => String(line), order: ({ line }) => line },
        { name: 'Column', text: ({ column }) => column },
        { name: 'Code', text: ({ code }) => code },
        { name: 'Reason', text: ({ reason }) => reason },
        { name: 'Row', text: ({ row }) => row },
      ],
    }),
  ];
}

function costs({ costs: { items, dollars: total, notes } }: RunRecord): readonly HTMLElement[] {
  return [
    pagedTable({
      id: 'cost-items',
      caption: `${dollars(total)} in total`,
      rows: items,
      columns: [
        { name: 'State', text: ({ state }) => state ?? 'whole run' },
        { name: 'Item', text: ({ what }) => what },
        {
          name: 'Amount',
          text: ({ amount, unit }) =>
            `${amount < 100 ? Number(amount.toPrecision(3)) : count(Math.round(amount))} ${unit}`.trim(),
          order: ({ amount }) => amount,
        },
        { name: 'Dollars', text: (item) => dollars(item.dollars), order: (item) => item.dollars },
      ],
    }),
    ...notes.map((note) => el('p', { class: 'note' }, note)),
  ];
}

const data = document.querySelector('#run')?.textContent;
const drawing = document.querySelector('#drawing svg');
if (data && drawing !== null) show(JSON.parse(data), drawing);
