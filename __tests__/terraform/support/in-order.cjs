const { default: Sequencer } = require('@jest/test-sequencer');

/** Runs the test files in the order of their names. */
module.exports = class extends Sequencer {
  sort(tests) {
    return [...tests].sort((left, right) => left.path.localeCompare(right.path, 'en', { numeric: true }));
  }
};
