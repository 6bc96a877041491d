import { historyOf } from '../../../bench/scale/history.ts';

/** The states of an execution with three chunks, one of which takes two passes. */
const states = [
  { type: 'Task', attempts: 1 },
  { type: 'Map', attempts: 1 },
  { type: 'Task', attempts: 4, iterations: 4 },
  { type: 'Choice', attempts: 4, iterations: 4 },
  { type: 'Succeed', attempts: 3, iterations: 3 },
];

test('counts the events of an execution in either mode', () => {
  expect(historyOf(states, 3)).toEqual({
    transitions: 13,
    // 2 for the execution, 5 for the task, 4 for the Map; for each iteration 2, and 2 for Succeed; 5 + 2 for each pass.
    inline: 2 + 5 + 4 + 3 * (2 + 2) + 4 * (5 + 2),
    parent: 2 + 5 + 4,
    children: 3 * (2 + 2) + 4 * (5 + 2),
  });
});

test('a retry inside a Map takes three events', () => {
  const retried = states.map((state) =>
    state.attempts === 4 && state.type === 'Task' ? { ...state, attempts: 5 } : state,
  );
  expect(historyOf(retried, 3).inline).toBe(historyOf(states, 3).inline + 3);
});
