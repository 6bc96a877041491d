/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/__tests__/support/jest/set-up.ts',
  globalTeardown: '<rootDir>/__tests__/support/jest/tear-down.ts',
  setupFiles: ['<rootDir>/__tests__/support/jest/one-realm.ts'],
  maxWorkers: '100%',
  reporters: ['default', '<rootDir>/__tests__/support/jest/closing-line.js'],
  // Milliseconds; the machine may be a busy one, and a test that hangs is still told.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  // Those need Terraform or CDK Terrain, and have configurations of their own.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/__tests__/terraform/',
    '<rootDir>/__tests__/terrain/',
  ],
  // Packages that are ES modules alone are turned into CommonJS like the sources.
  transformIgnorePatterns: ['/node_modules/(?!p-map/)'],
  // The sources are ES modules, which jest runs only behind a flag; swc turns them into CommonJS on the way in.
  transform: {
    '\\.(ts|js|mjs)$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};
