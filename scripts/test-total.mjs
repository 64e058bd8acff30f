/** Prints the summary line at the end of .ci/run, from jest's report. */
import { existsSync, readFileSync } from 'node:fs';

const [, , report] = process.argv;
// Without a report no test ran. .ci/run fails then, because the check that should have written it failed.
const totals = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = totals;
// A test file that could not be loaded has no tests to count, but must count as a failure.
const failed = numFailedTests + (totals.numRuntimeErrorTestSuites ?? 0);
console.log(`tests: ${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped`);
