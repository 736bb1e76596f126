/** Tests are ESM TypeScript: swc strips the types, Node runs the modules as the product does. */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Nothing here takes that long; a machine that others use as well does.
  testTimeout: 60_000,
  // Modules loaded as ESM are never let go of: a worker that has grown is replaced, or one process would need gigabytes.
  maxWorkers: 2,
  workerIdleMemoryLimit: '2GB',
};
