/** Packs what is in dist/, and lets publint and attw read the file: can it be imported in every way that it promises? */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './setup.mjs';

const folder = mkdtempSync(join(tmpdir(), 'aisopod-packed-'));

/** Runs a command through a shell: on Windows npm and npx are .cmd files. Returns whether it succeeded. */
const run = (command, cwd = ROOT) => spawnSync(command, [], { cwd, shell: true, stdio: 'inherit' }).status === 0;

function isSound() {
  // Without scripts: prepack would build once more.
  if (!run(`npm pack "${ROOT}" --silent --ignore-scripts`, folder)) return false;
  const file = join(folder, readdirSync(folder)[0]);
  return [`npx publint run "${file}" --strict`, `npx attw "${file}" --exclude-entrypoints child`].map((command) => run(command)).every(Boolean);
}

try {
  process.exitCode = isSound() ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
