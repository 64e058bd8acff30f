/**
 * The end of .ci/run, from jest's report: the tests that failed with their messages, their names once more, then the summary line.
 * Logs are often kept only in part, most often the end: without this, a failure could be counted but not known.
 */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Enough for what was expected, what was found and where. */
const MESSAGE_LINES = 40;

const headings = [];

function printFailure(file, name, message) {
  const heading = `FAILED TEST: ${relative('.', file)}: ${name}`;
  const lines = stripVTControlCharacters(message).split('\n').slice(0, MESSAGE_LINES);
  console.log(`\n${heading}\n${lines.map((line) => `  ${line}`).join('\n')}`);
  headings.push(heading);
}

function printFailures({ name: file, status, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  for (const test of failed) printFailure(file, test.fullName, test.failureMessages.join('\n'));
  if (status === 'failed' && failed.length === 0) printFailure(file, 'the file could not be run', message);
}

const [, , report] = process.argv;
// Without a report no test ran. .ci/run fails then, because the check that should have written it failed.
const totals = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
(totals.testResults ?? []).forEach(printFailures);
if (headings.length > 0) console.log(`\n${headings.join('\n')}`);
const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = totals;
// A test file that could not be loaded has no tests to count, but must count as a failure.
const failed = numFailedTests + (totals.numRuntimeErrorTestSuites ?? 0);
console.log(`\ntests: ${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped`);
