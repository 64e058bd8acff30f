/** Runs the benchmarks on the build: `node scripts/bench/bench.mjs`, with the options of `npm run bench` (docs/performance.md). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './machine.mjs';
import { measureRow } from './measure-row.mjs';
import { buildNative, loadAddon } from './native.mjs';
import { openPlugin } from './open-plugin.mjs';
import { openPeers } from './peers/index.mjs';
import { installPeers } from './peers/install.mjs';
import { printRow } from './print.mjs';

/** The groups: file names in rows/. */
const GROUPS = ['call', 'text', 'json', 'worker', 'callback', 'isolated', 'cold', 'socket', 'sync', 'cpu', 'start', 'child', 'import', 'scan', 'triage'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'no-packages': { type: 'boolean', default: false },
    soak: { type: 'string' },
    json: { type: 'string' },
  },
});
if (options.only !== undefined && !GROUPS.includes(options.only)) {
  console.error(`--only takes one of ${GROUPS.join(', ')}`);
  process.exit(2);
}
if (options.soak !== undefined && !/^[1-9]\d*$/.test(options.soak)) {
  console.error('--soak takes the number of calls of each way');
  process.exit(2);
}

/** Ready for a plugin's process if the build has these options, otherwise `skipped`. */
async function openChildWith(base, processes) {
  try {
    return await openPlugin({ ...base, isolation: 'process', processes });
  } catch (error) {
    if (error.code !== 'ERR_OPTIONS') throw error;
    return { skipped: `this build has no option ${Object.keys(processes).join(', ')} for children` };
  }
}

/** What the groups measure with. */
async function openContext(dataDir) {
  const heard = { bytes: 0 };
  const hear = (line) => {
    heard.bytes += line.length;
  };
  const base = { dataDir, logger: { debug: hear, info: hear, warn: console.warn, error: console.error } };
  const { tool, close } = await openPlugin({ ...base, isolation: 'in-process' });
  const whyNoPackages = options['no-packages'] ? '--no-packages' : installPeers();
  return {
    heard,
    workerEcho: tool('echo'),
    inlineEcho: tool('echo-inline'),
    inlineLog: tool('log-inline'),
    addon: loadAddon(),
    openChild: (processes) => openChildWith(base, processes),
    openPeers: (names) => openPeers(names, whyNoPackages),
    whyNoPackages,
    isQuick: options.quick,
    soakCalls: Number(options.soak),
    close,
  };
}

buildNative();
const dataDir = mkdtempSync(join(tmpdir(), 'aisopod-bench-'));
const context = await openContext(dataDir);
const results = [];
try {
  for (const group of options.soak !== undefined ? ['soak'] : options.only === undefined ? GROUPS : [options.only]) {
    const { rows } = await import(`./rows/${group}.mjs`);
    for await (const row of rows(context)) {
      for (const result of await measureRow(row, context)) {
        results.push({ group, ...result });
        printRow(result);
      }
    }
  }
} finally {
  await context.close();
  rmSync(dataDir, { recursive: true });
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ machine: machine(), rows: results }, null, 2)}\n`);
