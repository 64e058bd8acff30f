/**
 * The long version of test/plugin/growth.test.ts, on the build: a million invocations of each execution mode, 10,000 pending
 * completions from threads, 1,000 registries opened and closed. Prints resident memory, heap and koffi's callback slots,
 * and exits with 1 if memory or slots grew.
 *
 *   node --expose-gc scripts/soak-invocations.mjs [invocations of each mode, default 1000000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFixtures } from './fixtures.mjs';

const require = createRequire(import.meta.url);
const koffi = require('koffi');
const { DynamicPluginLoader, PluginRegistry } = require('../dist/index.js');

if (globalThis.gc === undefined) {
  console.error('run it with node --expose-gc');
  process.exit(1);
}

const MILLION = Number(process.argv[2] ?? 1_000_000);
const SAMPLES = 5;
const BATCH = 100;
/** The first sample is taken after warm-up. A larger difference than this at the last sample counts as growth. */
const SLACK = 16 << 20;

const loader = new DynamicPluginLoader({ pluginDirs: [buildFixtures()], hostVersion: '1.0.0' });
const { candidates } = await loader.discover();
const candidate = candidates.find(({ id }) => id === 'good-c');
const dataDir = mkdtempSync(join(tmpdir(), 'aisopod-soak-'));

async function openRegistry() {
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir });
  await registry.register(await loader.loadPlugin(candidate));
  await registry.initAll();
  return registry;
}

function measure() {
  globalThis.gc();
  globalThis.gc();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed, slots: koffi.stats().callbacks };
}

const megabytes = (bytes) => `${(bytes / (1 << 20)).toFixed(1)} MB`;
let grew = false;

/** Runs rounds of `size` operations until `count` are done, then compares the first sample with the last. */
async function soak(name, count, size, round) {
  for (let done = 0; done < count / 10; done += size) await round();
  const samples = [measure()];
  const start = performance.now();
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (let done = 0; done < count / SAMPLES; done += size) await round();
    samples.push(measure());
  }
  const [first, last] = [samples[0], samples.at(-1)];
  const isFlat = last.rss - first.rss < SLACK && last.slots === first.slots;
  grew ||= !isFlat;
  const each = (((performance.now() - start) * 1000) / count).toFixed(2);
  console.log(
    `${isFlat ? 'flat ' : 'GREW '} ${name}: ${count} at ${each} µs; rss ${samples.map(({ rss }) => megabytes(rss)).join(', ')}; ` +
      `heap ${megabytes(first.heapUsed)} to ${megabytes(last.heapUsed)}; slots ${first.slots} to ${last.slots}`,
  );
}

const registry = await openRegistry();
const tool = (name) => registry.tool(name);
const inBatches = (call) => () => Promise.all(Array.from({ length: BATCH }, (_, i) => call(i)));

await soak('INLINE, synchronous', MILLION, BATCH, () => {
  for (let i = 0; i < BATCH; i++) tool('echo_inline').sync({ i });
});
await soak('INLINE', MILLION, BATCH, inBatches((i) => tool('echo_inline').call({ i })));
await soak('on a worker', MILLION, BATCH, inBatches((i) => tool('echo').call({ i })));
await soak('owned memory', MILLION, BATCH, inBatches(() => tool('owned').callRaw('{"bytes":3000}')));
await soak('chunks', MILLION / 10, BATCH, inBatches(() => tool('stream').call({ count: 3 }, { onChunk: () => undefined })));
await soak('through the host', MILLION, BATCH, inBatches((i) => tool('host_call').call({ name: 'echo', input: { i } })));
await soak('failing', MILLION, BATCH, inBatches(() => tool('fail').call({}).catch(() => undefined)));
await soak('pending, from threads', MILLION / 100, BATCH, inBatches(() => tool('pending').call({ ms: 0 })));
await registry.shutdownAll();
await soak('registries opened and closed', MILLION / 1000, 1, async () => (await openRegistry()).shutdownAll());

rmSync(dataDir, { recursive: true });
process.exitCode = grew ? 1 : 0;
