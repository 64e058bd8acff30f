import { availableParallelism } from 'node:os';

// Node parses these certificates at each start, which can take a third of the time of an empty program. Only npm needs them: see
// test/package/run.ts. Jest's workers, and what tests start, get this environment.
const { NODE_EXTRA_CA_CERTS } = process.env;
if (NODE_EXTRA_CA_CERTS !== undefined) process.env.AISOPOD_TEST_CA_CERTS = NODE_EXTRA_CA_CERTS;
delete process.env.NODE_EXTRA_CA_CERTS;

/** Tests run as ES modules (node --experimental-vm-modules), compiled file by file; `npm run typecheck` checks types. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true }] },
  setupFiles: ['<rootDir>/test/support/program.cjs'],
  testSequencer: '<rootDir>/scripts/test-order.mjs',
  // A test waits for processes and timers for part of its time: one worker more than cores keeps two cores busy.
  maxWorkers: availableParallelism() + 1,
  // For what hangs. No test is to fail because the machine is slow.
  testTimeout: 900_000,
  workerIdleMemoryLimit: '1GB',
};
