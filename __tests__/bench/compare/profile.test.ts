import { sharesOf } from '../../../bench/compare/profile.ts';

const call = (functionName: string, url: string) => ({
  functionName,
  url,
  scriptId: '',
  lineNumber: 0,
  columnNumber: 0,
});

test('adds up samples by purpose: a built-in counts as its caller, and idle time does not count', () => {
  const nodes = [
    { id: 1, callFrame: call('(root)', ''), children: [2, 4, 5, 6] },
    { id: 2, callFrame: call('check', 'file:///csv-pipeline/functions/core/csv/check.ts'), children: [3] },
    { id: 3, callFrame: call('trim', '') },
    { id: 4, callFrame: call('(idle)', '') },
    { id: 5, callFrame: call('(garbage collector)', '') },
    { id: 6, callFrame: call('onRead', 'node:net') },
  ];
  const profile = { nodes, startTime: 0, endTime: 0, samples: [2, 3, 4, 5, 6], timeDeltas: [2, 4, 50, 3, 1] };
  expect(sharesOf(profile)).toEqual({
    'checking cells, making items': 0.6,
    'collecting garbage': 0.3,
    "Node's HTTP, sockets, streams and timers": 0.1,
  });
});
