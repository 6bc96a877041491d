/**
 * Reads a state machine's definition in the Amazon States Language as a graph. It works for any state machine, because it
 * does not depend on what the states do.
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
  /** The Map or Parallel state it is in. */
  readonly parent?: string;
}

/** `next`: always; `choice`: if a rule matches; `default`: if no rule matches; `catch`: after an error. */
export type EdgeKind = 'next' | 'choice' | 'default' | 'catch';

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** Caught errors. */
  readonly errors: readonly string[];
}

export interface Graph {
  readonly start: string;
  /** In the order of the definition; the states inside a state come right after it. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** First states of the processor or branches, by the name of the Map or Parallel state. */
  readonly starts: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads a definition.
 * @param definition JSON, or the parsed object
 * @throws ZodError if the definition is invalid
 * @throws SyntaxError if it is invalid JSON
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
        // Rules of a Choice with the same target are one arrow.
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

/** The graph of a run without errors: without catchers, and without the states that only catchers lead to. */
export function withoutErrors(graph: Graph): Graph {
  const edges = graph.edges.filter(({ kind }) => kind !== 'catch');
  // A set that grows while it is walked.
  const reached = new Set([graph.start]);
  for (const name of reached) {
    for (const first of graph.starts[name] ?? []) reached.add(first);
    for (const { from, to } of edges) if (from === name) reached.add(to);
  }
  const nodes = graph.nodes.filter(({ name }) => reached.has(name));
  return { ...graph, nodes, edges: edges.filter(({ from }) => reached.has(from)) };
}
