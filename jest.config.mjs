/** Tests run as ES modules (node --experimental-vm-modules), compiled file by file; `npm run typecheck` checks types. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true }] },
  setupFiles: ['<rootDir>/test/support/program.cjs'],
  // For what hangs. No test is to fail because the machine is slow.
  testTimeout: 900_000,
  workerIdleMemoryLimit: '1GB',
};
