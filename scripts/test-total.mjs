/** Prints the one line that .ci/run ends with, from the report that jest wrote. */
import { existsSync, readFileSync } from 'node:fs';

const [, , report] = process.argv;
// Without a report no test ran at all; .ci/run fails then, for the check that did not write it has.
const totals = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = totals;
// A file that could not even be loaded has no tests to count, yet it must not look like none failed.
const failed = numFailedTests + (totals.numRuntimeErrorTestSuites ?? 0);
console.log(`tests: ${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped`);
