/**
 * Creates elements. Everything shown goes into text nodes and attributes, never through an HTML parser, so a cell of a file
 * is always text.
 */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | number | undefined;

const SVG = 'http://www.w3.org/2000/svg';

/** Creates an HTML element. An attribute that is undefined or false is left out. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/** Creates an SVG element, like {@link el}. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return element;
}

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) {
    if (child !== undefined) element.append(typeof child === 'number' ? String(child) : child);
  }
}

/** Creates a button. */
export function button(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const element = el('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', onClick);
  return element;
}

/** Creates a section of the page, with its heading. */
export function section(id: string, heading: string, ...children: readonly Child[]): HTMLElement {
  return el(
    'section',
    { id, 'aria-labelledby': `${id}-heading` },
    el('h2', { id: `${id}-heading`, tabindex: -1 }, heading),
    ...children,
  );
}

/** Creates a table. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  cell: Attributes = {},
): HTMLTableElement {
  return el(
    'table',
    {},
    el('caption', {}, caption),
    el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, ...rows.map((cells) => el('tr', {}, ...cells.map((text) => el('td', cell, text))))),
  );
}

/** Creates a list of labels and values. */
export function facts(entries: readonly (readonly [string, string | number | Node])[]): HTMLElement {
  return el(
    'dl',
    {},
    ...entries.map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, value))),
  );
}
