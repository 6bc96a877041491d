import TestSequencer from '@jest/test-sequencer';

/** Until jest knows how long the test files take, it goes by their sizes; the longest one imports its parts. */
export default class LongestFirst extends TestSequencer {
  /** @param {import('@jest/test-result').Test[]} tests */
  sort(tests) {
    const isLongest = ({ path }) => path.endsWith('one-stack.test.ts');
    const sorted = [...super.sort(tests)];
    return [...sorted.filter(isLongest), ...sorted.filter((test) => !isLongest(test))];
  }
}
