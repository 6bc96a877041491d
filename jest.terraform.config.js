import base from './jest.config.js';

/**
 * The tests against the real cdktf, Terraform and provider. They share one deployed stack, so they run one after the
 * other, in the order of their files' numbers.
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
  // What comes after a failure would fail for it.
  bail: 1,
  // Milliseconds: a deploy takes some two minutes, and more on a busy machine.
  testTimeout: 900_000,
};
