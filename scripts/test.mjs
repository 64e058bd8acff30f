/**
 * `npm test [-- jest arguments]`: makes the checkout ready, runs jest, and names every skipped test.
 * JEST_JSON, if set, is the file that jest's own report is written to.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureReady, ROOT } from './setup.mjs';

/** Jest has no other way to run ES modules, and the tests for leaks call gc(). Its workers inherit these. */
const NODE_FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '--expose-gc'];

function runJest(report, args) {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const command = [...NODE_FLAGS, jest, '--json', `--outputFile=${report}`, ...args];
  return spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}

/** A test that is skipped says in its name what the platform lacks. */
function printSkipped(report) {
  // --listTests and its like leave a report without results.
  const { testResults = [] } = JSON.parse(readFileSync(report, 'utf8'));
  const skipped = testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status === 'pending' || status === 'todo')
    .map(({ fullName }) => fullName);
  console.log(skipped.length === 0 ? 'No test was skipped.' : `Skipped:\n${skipped.map((name) => `  ${name}\n`).join('')}`);
}

await ensureReady({ fixtures: true });
const args = process.argv.slice(2);
const temporary = mkdtempSync(join(tmpdir(), 'aisopod-test-'));
const report = process.env.JEST_JSON ?? join(temporary, 'report.json');
try {
  process.exitCode = runJest(report, args);
  // With a pattern given by hand, the skipped are all those it does not name: a list that tells nothing.
  const byName = args.some((arg) => /^(-t|--testNamePattern)/.test(arg));
  if (existsSync(report) && !byName) printSkipped(report);
} finally {
  rmSync(temporary, { recursive: true });
}
