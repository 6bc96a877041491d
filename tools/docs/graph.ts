/** `npm run graph`: draws the state machine into README.md and docs/graph.svg. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byFunction, pipeline } from '../../asl/pipeline.ts';
import { drawSvg } from '../../report/graph/draw.ts';
import { type Graph, graphOf, withoutErrors } from '../../report/graph/graph.ts';
import { mermaid } from '../../report/graph/mermaid.ts';
import { withPart } from './markers.ts';

const root = join(import.meta.dirname, '../..');

/** The style of the drawing on a page without its own style sheet, for light and dark colour schemes. */
const STYLE = `<style>
text { fill: #1f2328; }
.state polygon, .state path, .state polyline { stroke: #59636e; fill: #f6f8fa; }
.Fail polygon { stroke: #b3261e; fill: #fdeceb; }
.Succeed path { stroke: #1a7f37; fill: #e9f7ec; }
.arrow path { stroke: #59636e; }
.arrow polygon { stroke: #59636e; fill: #59636e; }
.arrow.catch path, .arrow.catch polygon { stroke: #c4756f; }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; }
  text { fill: #e6edf3; }
  .state polygon, .state path, .state polyline { stroke: #9198a1; fill: #161b22; }
  .Fail polygon { stroke: #f2867e; fill: #2d1414; }
  .Succeed path { stroke: #57ab5a; fill: #12261a; }
}
</style>`;

/** The pipeline's graph. Its states are the same in every environment. */
export function pipelineGraph(): Graph {
  return graphOf(
    pipeline({
      // The graph does not depend on the names and ARNs.
      sourceBucket: '',
      reportsBucket: '',
      functionArns: byFunction(() => ''),
      mapMode: 'INLINE',
      maxConcurrency: 1,
      functionTimeoutSeconds: 1,
      executionTimeoutSeconds: 1,
    }),
  );
}

/** README.md with the current graph. */
export function withGraph(readme: string): string {
  const chart = mermaid(withoutErrors(pipelineGraph()));
  return withPart(readme, 'graph', `\`\`\`mermaid\n${chart}\`\`\``);
}

/** The whole graph as an SVG file. */
export async function graphFile(): Promise<string> {
  const svg = await drawSvg(pipelineGraph());
  return `${svg.replace('>', `>\n${STYLE}`)}\n`;
}

async function run(): Promise<void> {
  const readme = join(root, 'README.md');
  writeFileSync(readme, withGraph(readFileSync(readme, 'utf8')));
  writeFileSync(join(root, 'docs/graph.svg'), await graphFile());
}

if (import.meta.main) void run();
