/**
 * `npm test [-- jest arguments]`: prepares the checkout, runs jest, and lists every skipped test.
 * JEST_JSON, if set, is the file for jest's report.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureReady, ROOT } from './setup.mjs';

/** Jest needs the first flag to run ES modules, and leak tests call gc(). Jest's workers inherit these. */
const NODE_FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '--expose-gc'];

function runJest(report, args) {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const command = [...NODE_FLAGS, jest, '--json', `--outputFile=${report}`, ...args];
  return spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}

/** The name of a skipped test says what the platform lacks. */
function printSkipped(report) {
  // Options such as --listTests write a report without results.
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
  // With a name pattern, all other tests count as skipped, and the list would be useless.
  const byName = args.some((arg) => /^(-t|--testNamePattern)/.test(arg));
  if (existsSync(report) && !byName) printSkipped(report);
} finally {
  rmSync(temporary, { recursive: true });
}
