/**
 * Runs the demo on an existing build: `node scripts/demo/run.mjs`. The demo runs in a child process, because Windows cannot
 * delete the libraries of a running process; its plugin folder is deleted afterwards.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const show = fileURLToPath(import.meta.resolve('./show.mjs'));
const folder = mkdtempSync(join(tmpdir(), 'aisopod-demo-'));
try {
  const { status, signal } = spawnSync(process.execPath, [show, folder], { stdio: 'inherit' });
  if (signal !== null) console.error(`The demo was ended by ${signal}.`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
