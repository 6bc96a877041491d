/** The drawings of a state machine, and that the documents show the current definition. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawSvg } from '../../../report/graph/draw.ts';
import { graphOf, withoutErrors } from '../../../report/graph/graph.ts';
import { mermaid } from '../../../report/graph/mermaid.ts';
import { graphFile, withGraph } from '../../../tools/docs/graph.ts';

const root = join(__dirname, '../../..');

const machine = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemProcessor: {
        StartAt: 'Look at "it"',
        States: {
          'Look at "it"': {
            Type: 'Choice',
            Choices: [
              { Variable: '$.a', BooleanEquals: true, Next: 'Done' },
              { Variable: '$.b', BooleanEquals: true, Next: 'Done' },
            ],
            Default: 'Do',
          },
          Do: { Type: 'Task', Next: 'Done' },
          Done: { Type: 'Succeed' },
        },
      },
      Catch: [{ ErrorEquals: ['One', 'Two'], Next: 'Failed' }],
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Left', States: { Left: { Type: 'Pass', End: true } } },
        { StartAt: 'Right', States: { Right: { Type: 'Pass', End: true } } },
      ],
      End: true,
    },
    Failed: { Type: 'Fail', Comment: 'why' },
  },
};

test('a graph has every state and every transition once', () => {
  const graph = graphOf(JSON.stringify(machine));
  expect(graph).toEqual({
    start: 'Each',
    nodes: [
      { name: 'Each', type: 'Map' },
      { name: 'Look at "it"', type: 'Choice', parent: 'Each' },
      { name: 'Do', type: 'Task', parent: 'Each' },
      { name: 'Done', type: 'Succeed', parent: 'Each' },
      { name: 'Both', type: 'Parallel' },
      { name: 'Left', type: 'Pass', parent: 'Both' },
      { name: 'Right', type: 'Pass', parent: 'Both' },
      { name: 'Failed', type: 'Fail', comment: 'why' },
    ],
    edges: [
      { from: 'Each', to: 'Both', kind: 'next', errors: [] },
      { from: 'Each', to: 'Failed', kind: 'catch', errors: ['One', 'Two'] },
      { from: 'Look at "it"', to: 'Done', kind: 'choice', errors: [] },
      { from: 'Look at "it"', to: 'Do', kind: 'default', errors: [] },
      { from: 'Do', to: 'Done', kind: 'next', errors: [] },
    ],
    starts: { Each: ['Look at "it"'], Both: ['Left', 'Right'] },
  });
  const errorFree = withoutErrors(graph);
  expect(errorFree.nodes.map(({ name }) => name)).not.toContain('Failed');
  expect(errorFree.nodes).toHaveLength(7);
  expect(errorFree.edges.filter(({ kind }) => kind === 'catch')).toEqual([]);
});

test('an invalid definition throws an error', () => {
  expect(() => graphOf({ States: {} })).toThrow('StartAt');
});

test('Mermaid has safe ids, a shape for each type, and a box around the states in a Map', () => {
  expect(mermaid(graphOf(machine)).split('\n')).toEqual([
    'flowchart TD',
    '  subgraph Each["Each"]',
    '    state1{"Look at #quot;it#quot;"}',
    '    Do["Do"]',
    '    Done(["Done"])',
    '  end',
    '  subgraph Both["Both"]',
    '    Left("Left")',
    '    Right("Right")',
    '  end',
    '  Failed[["Failed"]]',
    '  Each --> Both',
    '  Each -.-> Failed',
    '  state1 --> Done',
    '  state1 -->|else| Do',
    '  Do --> Done',
    '',
  ]);
});

test('the drawing has a group for each state, and escapes their names', async () => {
  const svg = await drawSvg(
    graphOf({
      StartAt: '<script>',
      States: { ...machine.States, '<script>': { Type: 'Pass', Next: 'Each' } },
    }),
  );
  expect(svg).toMatch(/^<svg [\s\S]*<\/svg>$/);
  expect(
    [...svg.matchAll(/id="(state\d+)" class="(?:node|cluster) state \w+"/g)].map(([, id]) => id).sort(),
  ).toEqual(Array.from({ length: 9 }, (_, index) => `state${index}`));
  expect([...svg.matchAll(/class="edge arrow catch"/g)]).toHaveLength(1);
  expect(svg).not.toContain('<script');
});

test('README.md and docs/graph.svg show the current definition (update them with npm run graph)', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  expect(withGraph(readme)).toBe(readme);
  expect(await graphFile()).toBe(readFileSync(join(root, 'docs/graph.svg'), 'utf8'));
});
