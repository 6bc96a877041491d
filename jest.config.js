import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/__tests__/support/jest/set-up.ts',
  globalTeardown: '<rootDir>/__tests__/support/jest/tear-down.ts',
  setupFiles: ['<rootDir>/__tests__/support/jest/one-realm.ts'],
  testSequencer: '<rootDir>/__tests__/support/jest/longest-first.js',
  // Two more than there are processors: some tests mostly wait, such as for a lease to end.
  maxWorkers: availableParallelism() + 2,
  reporters: ['default', '<rootDir>/__tests__/support/jest/closing-line.js'],
  // Milliseconds. Long enough for a busy machine; a test that hangs still fails.
  testTimeout: 240_000,
  // `npm run test:full` also runs the files of which `npm test` runs nothing.
  testMatch: [`<rootDir>/__tests__/**/*.${process.env.FULL_RUN === undefined ? 'test' : '{test,full}'}.ts`],
  // These need Terraform or CDK Terrain, and have their own configurations.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/__tests__/terraform/',
    '<rootDir>/__tests__/terrain/',
  ],
  // Packages that have only ES modules are compiled to CommonJS like the sources.
  transformIgnorePatterns: ['/node_modules/(?!p-map/)'],
  // The sources are ES modules, which jest runs only with a flag, so swc compiles them to CommonJS.
  transform: {
    '\\.(ts|js|mjs)$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};
