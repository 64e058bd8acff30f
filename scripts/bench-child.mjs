/**
 * Measures the memory and time that a child process costs: `node scripts/bench-child.mjs`, on a built package with fixtures
 * (Linux). docs/isolation.md quotes the results.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median } from './bench/measure.mjs';

const require = createRequire(import.meta.url);
const { DynamicPluginLoader, PluginRegistry, ProcessLoader } = require('../dist/index.js');

const CHILDREN = 7;
const CALLS = 2000;
const dataDir = mkdtempSync(path.join(tmpdir(), 'aisopod-bench-'));
const { candidates } = await new DynamicPluginLoader({ pluginDirs: [path.resolve(import.meta.dirname, '../build/fixtures')], hostVersion: '1.0.0' }).discover();
const candidateOf = (id) => candidates.find((candidate) => candidate.id === id);

/** In MiB: resident memory, proportional share, and private memory. */
function memoryOf(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mebibytes = (name) => [...rollup.matchAll(new RegExp(`^${name}:\\s+(\\d+) kB`, 'gm'))].reduce((sum, [, kB]) => sum + Number(kB), 0) / 1024;
  return { rss: mebibytes('Rss'), pss: mebibytes('Pss'), own: mebibytes('Private_(?:Clean|Dirty)') };
}

async function open(loader, ids, processName) {
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir });
  const plugins = [];
  for (const id of ids) {
    const plugin = await loader.loadPlugin(candidateOf(id), {}, processName);
    await registry.register(plugin);
    plugins.push(plugin);
  }
  await registry.initAll();
  return { registry, plugins };
}

async function microsecondsACall(call, calls = CALLS) {
  for (let i = 0; i < calls; i++) await call();
  const start = performance.now();
  for (let i = 0; i < calls; i++) await call();
  return ((performance.now() - start) * 1000) / calls;
}

const starts = [];
const hosts = [];
for (let child = 0; child < CHILDREN; child++) {
  const start = performance.now();
  hosts.push(await open(new ProcessLoader({ hostVersion: '1.0.0' }), ['good-c']));
  starts.push(performance.now() - start);
}
const memories = hosts.map(({ plugins }) => memoryOf(plugins[0].pid));
const middle = (name) => median(memories.map((memory) => memory[name])).toFixed(0);
console.log(`start to active: ${median(starts).toFixed(0)} ms (${starts.map((ms) => ms.toFixed(0)).join(', ')})`);
console.log(`memory of one of ${CHILDREN} children: ${middle('rss')} MiB resident, ${middle('pss')} MiB by share, ${middle('own')} MiB its own`);

const tool = hosts[0].registry.tool('echo');
const text = JSON.stringify('x'.repeat(1000));
console.log(`1 KB there and back: ${(await microsecondsACall(() => tool.callRaw(text))).toFixed(0)} µs one at a time`);
for (const inFlight of [16, 64]) {
  const many = await microsecondsACall(() => Promise.all(Array.from({ length: inFlight }, () => tool.callRaw(text))), CALLS / 10);
  console.log(`1 KB there and back: ${(many / inFlight).toFixed(0)} µs each, ${inFlight} at a time`);
}
const large = JSON.stringify('x'.repeat(1 << 20));
const start = performance.now();
for (let i = 0; i < 20; i++) await tool.callRaw(large);
console.log(`1 MiB there and back: ${((performance.now() - start) / 20).toFixed(1)} ms`);
for (const { registry } of hosts) await registry.shutdownAll();

const shared = await open(new ProcessLoader({ hostVersion: '1.0.0' }), ['good-c', 'inside-count'], 'shared');
console.log(`two plugins in one child: ${memoryOf(shared.plugins[0].pid).own.toFixed(0)} MiB its own`);
await shared.registry.shutdownAll();
rmSync(dataDir, { recursive: true, force: true });
