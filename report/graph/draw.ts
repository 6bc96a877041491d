/** Draws a graph as SVG, with Graphviz. */

import { type Attributes, instance, type Subgraph } from '@viz-js/viz';
import { elementId } from './element-id.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';

const SHAPES: Readonly<Record<string, Attributes>> = {
  Choice: { shape: 'diamond', margin: '0.08,0.02' },
  Succeed: { shape: 'box', style: 'rounded', peripheries: 2 },
  Fail: { shape: 'octagon' },
  Wait: { shape: 'box', style: 'rounded' },
  Pass: { shape: 'box', style: 'rounded' },
};

/** Graphviz knows the widths of Helvetica, and every system has a font with the same widths. */
const FONT = { fontname: 'Helvetica,Arial,sans-serif', fontsize: 11 };

/** Name of the node where the arrow to the first state starts. */
const START = ' start';

/**
 * Draws the graph. Each state is a group with the class `state` and the id from `elementId`; each arrow is a group with
 * the class `arrow` and its kind. A style sheet sets the colours.
 * @returns an `<svg>` element, for a page or a file
 */
export async function drawSvg(graph: Graph): Promise<string> {
  const clusters = Object.keys(graph.starts);
  const cluster = (name: string) => `cluster_${graph.nodes.findIndex((node) => node.name === name)}`;
  /** A cluster is not a node: an arrow to it points at a state inside, and is clipped at the cluster's border. */
  const isCluster = (name: string) => clusters.includes(name);
  const last = (name: string) => graph.nodes.findLast(({ parent }) => parent === name)?.name ?? name;
  const edge = ({ from, to, kind }: GraphEdge) => ({
    tail: isCluster(from) ? last(from) : from,
    head: isCluster(to) ? (graph.starts[to]?.[0] ?? to) : to,
    attributes: {
      class: `arrow ${kind}`,
      ...(isCluster(from) && { ltail: cluster(from) }),
      ...(isCluster(to) && { lhead: cluster(to) }),
      ...(kind === 'default' && { label: ' else' }),
      ...(kind === 'catch' && { style: 'dashed', weight: 0 }),
    },
  });
  const node = ({ name, type }: GraphNode) => ({
    name,
    attributes: { id: idOf(graph, name), class: `state ${type}`, ...SHAPES[type] },
  });
  const inside = (parent: string | undefined): Pick<Subgraph, 'nodes' | 'subgraphs'> => {
    const members = graph.nodes.filter((each) => each.parent === parent);
    return {
      nodes: members.filter(({ name }) => !isCluster(name)).map(node),
      subgraphs: members
        .filter(({ name }) => isCluster(name))
        .map(({ name, type }) => ({
          name: cluster(name),
          graphAttributes: { id: idOf(graph, name), class: `state ${type}`, label: name, ...FONT },
          ...inside(name),
        })),
    };
  };
  const viz = await instance();
  const { nodes = [], subgraphs = [] } = inside(undefined);
  const text = viz.renderString(
    {
      graphAttributes: { compound: true, newrank: true, bgcolor: 'transparent', ranksep: 0.35, nodesep: 0.3 },
      nodeAttributes: { shape: 'box', height: 0.4, margin: '0.2,0.06', ...FONT },
      edgeAttributes: { arrowsize: 0.7, ...FONT, fontsize: 9 },
      nodes: [
        { name: START, attributes: { shape: 'point', width: 0.12, height: 0.12, class: 'start' } },
        ...nodes,
      ],
      subgraphs,
      edges: [edge({ from: START, to: graph.start, kind: 'next', errors: [] }), ...graph.edges.map(edge)],
    },
    { format: 'svg' },
  );
  // HTML does not allow the declaration, document type and comments in front.
  return text.slice(text.indexOf('<svg')).trimEnd();
}

function idOf(graph: Graph, name: string): string {
  return elementId(graph.nodes.findIndex((node) => node.name === name));
}
