import base from './jest.config.js';

/**
 * The tests that hold CDK Terrain against CDKTF. They need what `npm run install:terrain` installs, and npm's registry.
 *
 * @type {import('jest').Config}
 */
export default {
  ...base,
  testMatch: ['<rootDir>/__tests__/terrain/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  // Milliseconds: one of them installs the project's packages anew.
  testTimeout: 900_000,
};
