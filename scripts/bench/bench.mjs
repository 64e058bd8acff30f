/** Runs the benchmarks on the build: `node scripts/bench/bench.mjs [--only <group>] [--quick] [--json FILE]`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamicPluginLoader, PluginRegistry } from 'aisopod-plugin';
import { compare, timed } from './measure.mjs';
import { ONE_PLUGIN, PLUGIN_ID, buildNative, loadAddon } from './native.mjs';
import { printRow } from './print.mjs';

/** The groups: file names in rows/. */
const GROUPS = ['call', 'text', 'json', 'worker', 'callback', 'start', 'import', 'scan'];
const NANOSECONDS = { ns: 1, µs: 1e3, ms: 1e6 };

/** Rounds are short enough that most are not interrupted, and long enough to include some garbage collection. */
const THOROUGH = { warmUpRounds: 200, rounds: 401, roundMs: 1, processes: 31 };
/** Just enough to check that it runs. */
const QUICK = { warmUpRounds: 0, rounds: 3, roundMs: 1, processes: 1 };

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
if (options.only !== undefined && !GROUPS.includes(options.only)) {
  console.error(`--only takes one of ${GROUPS.join(', ')}`);
  process.exit(2);
}

/** The benchmark plugin, active in this process. */
async function openPlugin(dataDir) {
  const heard = { bytes: 0 };
  const hear = (line) => {
    heard.bytes += line.length;
  };
  const logger = { debug: hear, info: hear, warn: console.warn, error: console.error };
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir, logger });
  await new DynamicPluginLoader({ hostVersion: '1.0.0', pluginDirs: [ONE_PLUGIN], logger }).loadAll(registry);
  await registry.initAll();
  const tool = (name) => registry.tool(`${name}-${PLUGIN_ID}`);
  return { registry, heard, workerEcho: tool('echo'), inlineEcho: tool('echo-inline'), inlineLog: tool('log-inline') };
}

async function measure(row, plan) {
  const { ours, theirs, ratio } = row.samples
    ? await compare(row.samples.ours, row.samples.theirs, plan.processes)
    : await compare(await timed(row.ours, plan), await timed(row.theirs, plan), plan.rounds);
  const { name, unit, goal } = row;
  const inUnit = (ns) => ns / NANOSECONDS[unit];
  // A row without a goal is for information only.
  return { name, ours: inUnit(ours), theirs: inUnit(theirs), unit, ratio, goal, ok: goal === null || ratio <= goal };
}

buildNative();
const dataDir = mkdtempSync(join(tmpdir(), 'aisopod-bench-'));
const { registry, ...plugin } = await openPlugin(dataDir);
const results = [];
try {
  for (const group of options.only === undefined ? GROUPS : [options.only]) {
    const { rows } = await import(`./rows/${group}.mjs`);
    for (const row of rows({ ...plugin, addon: loadAddon(), isQuick: options.quick })) {
      results.push(await measure(row, options.quick ? QUICK : THOROUGH));
      printRow(results.at(-1));
    }
  }
} finally {
  await registry.shutdownAll();
  rmSync(dataDir, { recursive: true });
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ rows: results }, null, 2)}\n`);
