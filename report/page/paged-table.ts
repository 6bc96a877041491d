/** A table to sort and search. It draws one page at a time, so 10,000 rows are as fast as ten. */

import { button, el } from './dom.ts';
import { count } from './format.ts';

export interface Column<Row> {
  readonly name: string;
  /** The text to show and search. */
  readonly text: (row: Row) => string;
  /** The number to sort by, if the column has numbers; otherwise it is sorted by its text. */
  readonly order?: (row: Row) => number;
}

export interface TableOptions<Row> {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly search?: boolean;
}

/** Rows per page. */
const PAGE_ROWS = 50;

/** Milliseconds after the last keystroke before the search starts. */
const SEARCH_DELAY = 80;

export function pagedTable<Row>({ id, caption, columns, rows, search }: TableOptions<Row>): HTMLElement {
  let shown = rows;
  let page = 0;
  let sorted: { readonly column: number; readonly isAscending: boolean } | undefined;
  let query = '';
  /** The searchable text of each row, created when it is first needed. */
  let searchTexts: readonly string[] | undefined;

  const body = el('tbody');
  const status = el('p', { class: 'pages', role: 'status' });
  const headers = columns.map(({ name, order }, column) =>
    el(
      'th',
      { scope: 'col', class: order !== undefined && 'number' },
      button(name, () => sortBy(column), { class: 'sort' }),
    ),
  );
  const previous = button('Previous', () => turn(-1));
  const next = button('Next', () => turn(1));

  function select(): void {
    searchTexts ??= rows.map((row) =>
      columns
        .map(({ text }) => text(row))
        .join('\n')
        .toLowerCase(),
    );
    const all = searchTexts;
    const words = query
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    shown = rows.filter((_, index) => words.every((word) => all[index]?.includes(word)));
    const column = sorted === undefined ? undefined : columns[sorted.column];
    if (column !== undefined) {
      const { order, text } = column;
      const direction = sorted?.isAscending === false ? -1 : 1;
      shown = shown.toSorted((one, other) => {
        const by = order === undefined ? compare(text(one), text(other)) : order(one) - order(other);
        return direction * by;
      });
    }
    page = 0;
    draw();
  }

  function sortBy(column: number): void {
    sorted = { column, isAscending: sorted?.column === column ? !sorted.isAscending : true };
    for (const [index, header] of headers.entries()) {
      if (index === column) header.setAttribute('aria-sort', sorted.isAscending ? 'ascending' : 'descending');
      else header.removeAttribute('aria-sort');
    }
    select();
  }

  function turn(by: number): void {
    page += by;
    draw();
  }

  function draw(): void {
    const from = page * PAGE_ROWS;
    const part = shown.slice(from, from + PAGE_ROWS);
    body.replaceChildren(
      ...part.map((row) =>
        el(
          'tr',
          {},
          ...columns.map(({ text, order }) =>
            el('td', { class: order !== undefined && 'number' }, text(row)),
          ),
        ),
      ),
    );
    const of =
      shown.length === rows.length ? count(rows.length) : `${count(shown.length)} of ${count(rows.length)}`;
    status.textContent =
      shown.length === 0
        ? `None of ${count(rows.length)}`
        : `${count(from + 1)}–${count(from + part.length)} of ${of}`;
    previous.disabled = page === 0;
    next.disabled = from + PAGE_ROWS >= shown.length;
  }

  const field = el('input', { type: 'search', id: `${id}-search`, autocomplete: 'off' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      query = field.value;
      select();
    }, SEARCH_DELAY);
  });
  draw();
  return el(
    'div',
    { class: 'table', id },
    search === true ? el('p', {}, el('label', { for: `${id}-search` }, 'Search '), field) : undefined,
    el(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
      el('table', {}, el('caption', {}, caption), el('thead', {}, el('tr', {}, ...headers)), body),
    ),
    el('div', { class: 'turn' }, previous, next, status),
  );
}

const collator = new Intl.Collator('en', { numeric: true });

function compare(one: string, other: string): number {
  return collator.compare(one, other);
}
