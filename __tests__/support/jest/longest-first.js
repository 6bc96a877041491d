import TestSequencer from '@jest/test-sequencer';

/** Until jest knows how long the test files take, it goes by their sizes; the longest ones import their parts, or
 * start the compiler. */
export default class LongestFirst extends TestSequencer {
  /** @param {import('@jest/test-result').Test[]} tests */
  sort(tests) {
    const isLongest = ({ path }) => /\/(one-stack|check)\.test\.ts$/.test(path);
    const sorted = [...super.sort(tests)];
    return [...sorted.filter(isLongest), ...sorted.filter((test) => !isLongest(test))];
  }
}
