/**
 * A state machine as a graph, read from its definition in the Amazon States Language. It knows nothing of what the
 * states do, so that it draws any machine, and one that is newer than this code.
 */

import { z } from 'zod';

const transition = z.object({ Next: z.string() });

const state = z.object({
  Type: z.string(),
  Comment: z.string().optional(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  Choices: z.array(transition).optional(),
  Catch: z.array(transition.extend({ ErrorEquals: z.array(z.string()) })).optional(),
  get ItemProcessor() {
    return machine.optional();
  },
  get Branches() {
    return z.array(machine).optional();
  },
});

const machine = z.object({ StartAt: z.string(), States: z.record(z.string(), state) });

type Machine = z.output<typeof machine>;

export interface GraphNode {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
  /** The Map or Parallel state that it is inside of. */
  readonly parent?: string;
}

/** `next`: always; `choice`: where a test holds; `default`: where none does; `catch`: behind an error. */
export type EdgeKind = 'next' | 'choice' | 'default' | 'catch';

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** Errors that are caught. */
  readonly errors: readonly string[];
}

export interface Graph {
  readonly start: string;
  /** In the definition's order, those inside of a state right behind it. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** First states of what is inside a Map or Parallel state, by its name. */
  readonly starts: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads a definition.
 * @param definition as JSON, or the object that it says
 * @throws ZodError when it is none.
 */
export function graphOf(definition: unknown): Graph {
  const top = machine.parse(typeof definition === 'string' ? JSON.parse(definition) : definition);
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const starts: Record<string, readonly string[]> = {};
  const add = ({ States }: Machine, parent?: string) => {
    for (const [
      name,
      { Type, Comment, Next, Default, Choices, Catch, ItemProcessor, Branches },
    ] of Object.entries(States)) {
      nodes.push({
        name,
        type: Type,
        ...(Comment !== undefined && { comment: Comment }),
        ...(parent !== undefined && { parent }),
      });
      const edge = (to: string, kind: EdgeKind, errors: readonly string[] = []) => {
        // Two tests of a Choice that lead to one state are one arrow.
        if (!edges.some((each) => each.from === name && each.to === to && each.kind === kind))
          edges.push({ from: name, to, kind, errors });
      };
      for (const choice of Choices ?? []) edge(choice.Next, 'choice');
      if (Default !== undefined) edge(Default, 'default');
      if (Next !== undefined) edge(Next, 'next');
      for (const catcher of Catch ?? []) edge(catcher.Next, 'catch', catcher.ErrorEquals);
      const inner = [...(ItemProcessor === undefined ? [] : [ItemProcessor]), ...(Branches ?? [])];
      if (inner.length > 0) starts[name] = inner.map(({ StartAt }) => StartAt);
      for (const each of inner) add(each, name);
    }
  };
  add(top);
  return { start: top.StartAt, nodes, edges, starts };
}

/** The graph of what happens while nothing fails: without catchers, and the states that only they lead to. */
export function withoutErrors(graph: Graph): Graph {
  const edges = graph.edges.filter(({ kind }) => kind !== 'catch');
  const targets = new Set([graph.start, ...Object.values(graph.starts).flat(), ...edges.map(({ to }) => to)]);
  const nodes = graph.nodes.filter(({ name }) => targets.has(name));
  const names = new Set(nodes.map(({ name }) => name));
  return { ...graph, nodes, edges: edges.filter(({ from }) => names.has(from)) };
}
