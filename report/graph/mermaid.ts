/** Writes a graph as Mermaid, which GitHub and many editors render; source: "Flowcharts - Basic Syntax" on mermaid.js.org. */

import type { EdgeKind, Graph, GraphNode } from './graph.ts';

/** The brackets around a state's name, which set its shape, by the state's type. */
const SHAPES: Readonly<Record<string, readonly [string, string]>> = {
  Choice: ['{', '}'],
  Succeed: ['([', '])'],
  Fail: ['[[', ']]'],
  Wait: ['(', ')'],
  Pass: ['(', ')'],
};

const ARROWS: Readonly<Record<EdgeKind, string>> = {
  next: '-->',
  choice: '-->',
  default: '-->|else|',
  catch: '-.->',
};

/** The graph as a top-down flowchart; the states inside a Map are in a box. */
export function mermaid(graph: Graph): string {
  const ids = new Map(graph.nodes.map(({ name }, index) => [name, idOf(name, index)]));
  const id = (name: string) => ids.get(name) ?? name;
  const lines = (node: GraphNode, indent: string): string[] => {
    const inner = graph.nodes.filter(({ parent }) => parent === node.name);
    const label = `"${node.name.replaceAll('"', '#quot;')}"`;
    if (inner.length === 0) {
      const [open, close] = SHAPES[node.type] ?? ['[', ']'];
      return [`${indent}${id(node.name)}${open}${label}${close}`];
    }
    return [
      `${indent}subgraph ${id(node.name)}[${label}]`,
      ...inner.flatMap((each) => lines(each, `${indent}  `)),
      `${indent}end`,
    ];
  };
  return [
    'flowchart TD',
    ...graph.nodes.filter(({ parent }) => parent === undefined).flatMap((node) => lines(node, '  ')),
    ...graph.edges.map(({ from, to, kind }) => `  ${id(from)} ${ARROWS[kind]} ${id(to)}`),
    '',
  ].join('\n');
}

/** Mermaid's keywords start with a lowercase letter, so a name that starts with a capital is a safe id. */
function idOf(name: string, index: number): string {
  return /^[A-Z]\w*$/.test(name) ? name : `state${index}`;
}
