/**
 * This machine with other releases of Node, from npm: `node scripts/platforms/nodes.mjs 20,22,24,26 [folder or file below test/ ...]`.
 * Without folders the whole suite runs on each, which takes long. WORKERS=2 runs two test files at a time, here and in the other scripts.
 */
import { join } from 'node:path';
import { ensureReady } from '../setup.mjs';
import { runAndSave } from './results.mjs';
import { HERE, ROOT, npmInstall, run } from './steps.mjs';

const [versions = '20,22,24,26', ...suites] = process.argv.slice(2);

await ensureReady({ fixtures: true });
const libc = process.report.getReport().header.glibcVersionRuntime === undefined ? '' : ', glibc';
const about = { id: `${process.platform}-${process.arch}`, platform: `${HERE}${libc}`, how: '`node scripts/platforms/nodes.mjs`: releases of Node from npm' };
for (const major of versions.split(',')) {
  const node = join(npmInstall(`node-${major}`, [`node@${major}`]), 'node_modules/node/bin/node');
  const runtime = `Node ${run(node, ['--version']).trim().slice(1)}`;
  runAndSave(about, suites.length > 0 ? suites : [''], { runtime, node, folder: ROOT });
}
