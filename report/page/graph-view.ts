/** Colours the drawing of the state machine by outcome, and makes each state a button. */

import { elementId } from '../graph/element-id.ts';
import type { RunRecord, StateRecord } from '../record/run-record.ts';
import { el, svg } from './dom.ts';
import { counted, duration, look, OUTCOMES, outcomeText } from './format.ts';

/**
 * Adds the outcomes to the drawing, which is part of the page's HTML.
 * @param select called with the name of the state that the reader selects
 */
export function graphView(
  { graph, states }: RunRecord,
  drawing: Element,
  select: (state: string) => void,
): { readonly element: HTMLElement; readonly mark: (state: string) => void } {
  const byName = new Map(states.map((state) => [state.name, state]));
  const groups = new Map<string, Element>();
  for (const [index, { name }] of graph.nodes.entries()) {
    const group = drawing.querySelector(`#${elementId(index)}`);
    if (group === null) continue;
    groups.set(name, group);
    const state = byName.get(name);
    group.classList.add(look(state?.status).style);
    group.querySelector('title')?.remove();
    for (const [attribute, value] of Object.entries({
      role: 'button',
      tabindex: '0',
      'aria-label': label(name, state),
      'aria-pressed': 'false',
    })) {
      group.setAttribute(attribute, value);
    }
    group.prepend(svg('title', {}, label(name, state)));
    addSymbol(group, look(state?.status).symbol);
    group.addEventListener('click', (event) => {
      // Only the innermost state is selected.
      event.stopPropagation();
      select(name);
    });
    group.addEventListener('keydown', (event) => {
      if (!(event instanceof KeyboardEvent) || (event.key !== 'Enter' && event.key !== ' ')) return;
      event.preventDefault();
      select(name);
    });
  }
  drawing.setAttribute('role', 'group');
  drawing.setAttribute('aria-label', 'State machine');
  const legend = el(
    'ul',
    { class: 'legend', 'aria-label': 'Outcomes' },
    ...OUTCOMES.map((outcome) => el('li', { class: look(outcome).style }, outcomeText(outcome))),
  );
  return {
    element: el('div', {}, legend, el('div', { class: 'drawing' }, drawing)),
    mark: (state) => {
      for (const [name, group] of groups) group.setAttribute('aria-pressed', String(name === state));
    },
  };
}

function label(name: string, state: StateRecord | undefined): string {
  const { words } = look(state?.status);
  if (state === undefined) return `${name}: ${words}`;
  const { type, milliseconds, attempts, entered, map } = state;
  const times = map === undefined ? '' : `, entered ${counted(entered, 'time', 'times')}`;
  const retries = attempts > entered ? `, ${counted(attempts - entered, 'retry', 'retries')}` : '';
  return `${name}, ${type}: ${words}, ${duration(milliseconds)}${times}${retries}`;
}

/** Puts the symbol of an outcome in front of the state's name. */
function addSymbol(group: Element, symbol: string): void {
  const text = group.querySelector('text');
  if (text === null || symbol === '') return;
  text.prepend(svg('tspan', { class: 'symbol', 'aria-hidden': true }, `${symbol} `));
}
