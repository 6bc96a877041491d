import base from './jest.config.js';

/**
 * The tests that compare CDK Terrain with CDKTF. They need `npm run install:terrain` and the npm registry.
 *
 * @type {import('jest').Config}
 */
export default {
  ...base,
  testMatch: ['<rootDir>/__tests__/terrain/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  // Milliseconds. One of the tests reinstalls the project's packages.
  testTimeout: 900_000,
};
