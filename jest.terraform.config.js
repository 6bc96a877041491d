import base from './jest.config.js';

/**
 * The tests with the real cdktf, Terraform and provider. They share one deployed stack, so they run one at a time, in the
 * order of the numbers in their file names.
 *
 * @type {import('jest').Config}
 */
export default {
  ...base,
  testMatch: ['<rootDir>/__tests__/terraform/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/__tests__/terraform/support/set-up.ts',
  globalTeardown: '<rootDir>/__tests__/terraform/support/tear-down.ts',
  testSequencer: '<rootDir>/__tests__/terraform/support/in-order.cjs',
  maxWorkers: 1,
  // The tests after a failed one would fail because of it.
  bail: 1,
  // Milliseconds. A deploy takes about two minutes, and longer on a busy machine.
  testTimeout: 900_000,
};
