/**
 * `node scripts/under-load.mjs [--runs N] [-- jest arguments]`: runs all tests three times (or N) in a row beside two busy loops, and
 * prints the total of each run. No test may depend on how fast the machine is. It takes hours on a small machine: it is for a release.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './setup.mjs';

const LOOPS = 2;
const { values, positionals: args } = parseArgs({ options: { runs: { type: 'string', default: '3' } }, allowPositionals: true });
const runs = Number(values.runs);
if (!(runs >= 1)) throw new Error(`--runs must be a number from 1, not ${values.runs}`);

function runTests(report) {
  const { status } = spawnSync(process.execPath, ['scripts/test.mjs', ...args], { cwd: ROOT, stdio: 'inherit', env: { ...process.env, JEST_JSON: report } });
  spawnSync(process.execPath, ['scripts/test-total.mjs', report], { cwd: ROOT, stdio: 'inherit' });
  return status === 0;
}

const folder = mkdtempSync(join(tmpdir(), 'aisopod-load-'));
/** It ends with this process, however this one ends. */
const BUSY = `while (process.ppid === ${process.pid});`;
const loops = Array.from({ length: LOOPS }, () => spawn(process.execPath, ['-e', BUSY], { stdio: 'ignore' }));
try {
  for (let run = 1; run <= runs; run++) {
    const start = performance.now();
    const isPassed = runTests(join(folder, `${run}.json`));
    console.log(`run ${run} of ${runs} beside ${LOOPS} busy loops: ${isPassed ? 'passed' : 'FAILED'} after ${Math.round((performance.now() - start) / 1000)} s`);
    if (!isPassed) process.exitCode = 1;
  }
} finally {
  loops.forEach((loop) => loop.kill());
  rmSync(folder, { recursive: true });
}
