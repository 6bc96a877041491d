/**
 * A jest reporter that ends a run with one line of counts, in the form that CI systems read for any language.
 */
export default class ClosingLine {
  /** @param {unknown} _contexts @param {import('@jest/reporters').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests, numTodoTests } = results;
    // A test file that cannot be loaded has no failing tests.
    const failed = Math.max(numFailedTests, numFailedTestSuites);
    process.stdout.write(
      `${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped\n`,
    );
  }
}
