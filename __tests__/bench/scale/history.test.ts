import { historyOf } from '../../../bench/scale/history.ts';

/** Of three chunks, one of which went round twice. */
const states = [
  { type: 'Task', attempts: 1 },
  { type: 'Map', attempts: 1 },
  { type: 'Task', attempts: 4, iterations: 4 },
  { type: 'Choice', attempts: 4, iterations: 4 },
  { type: 'Succeed', attempts: 3, iterations: 3 },
];

test('the events of an execution, in either mode', () => {
  expect(historyOf(states, 3)).toEqual({
    transitions: 13,
    // The execution 2, the task 5, the Map 4; of each iteration 2, Succeed 2, and 5 + 2 each time round.
    inline: 2 + 5 + 4 + 3 * (2 + 2) + 4 * (5 + 2),
    parent: 2 + 5 + 4,
    children: 3 * (2 + 2) + 4 * (5 + 2),
  });
});

test('a retry inside of a Map takes three events', () => {
  const retried = states.map((state) =>
    state.attempts === 4 && state.type === 'Task' ? { ...state, attempts: 5 } : state,
  );
  expect(historyOf(retried, 3).inline).toBe(historyOf(states, 3).inline + 3);
});
