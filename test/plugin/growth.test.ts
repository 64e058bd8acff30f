/** Nothing grows: resident memory, koffi's callback slots. scripts/soak-invocations.mjs is the long version. */
import { expect, test } from '@jest/globals';
import { answerOf } from '../support/child.js';

interface Growth {
  /** Resident bytes after warming up, and after everything. */
  readonly before: number;
  readonly after: number;
  /** koffi's slots at the same times. */
  readonly slotsBefore: number;
  readonly slotsAfter: number;
}

/** Runs `work` (of one round) `rounds` times, after as many for warming up: by then the compiler and the heap have settled. */
async function growthOver(rounds: number, setUp: string, work: string): Promise<Growth> {
  const script = `
  const koffi = require('koffi');
  const rss = () => { gc(); gc(); return process.memoryUsage().rss; };
  ${setUp}
  const round = async () => { ${work} };
  for (let i = 0; i < ${rounds}; i++) await round();
  const [before, slotsBefore] = [rss(), koffi.stats().callbacks];
  for (let i = 0; i < ${rounds}; i++) await round();
  const [after, slotsAfter] = [rss(), koffi.stats().callbacks];
  console.log(JSON.stringify({ before, after, slotsBefore, slotsAfter }));
  process.exit();`;
  return (await answerOf(script, { timeoutMs: 60_000 })) as Growth;
}

const HOST = "const host = await openHost(['good-c']);";

/** 100 invocations a round, 20,000 in all: a leak of a kilobyte each would be 20 MB. */
const ROUNDS = 200;
const SLACK = 12 << 20;

const many = (call: string): string => `await Promise.all(Array.from({ length: 100 }, (_, i) => ${call}));`;

test.each([
  ['INLINE, synchronously', "for (let i = 0; i < 100; i++) host.tool('echo_inline').sync({ i });"],
  ['INLINE', many("host.tool('echo_inline').call({ i })")],
  ['on workers', many("host.tool('echo').call({ i })")],
  ['pending', many("host.tool('pending').call({ ms: 0 })")],
  ['with owned memory', many("host.tool('owned').callRaw('{\"bytes\":3000}')")],
  ['with chunks', many("host.tool('stream').call({ count: 3 }, { onChunk: () => undefined })")],
  ['through the host', many("host.tool('host_call').call({ name: 'echo', input: { i } })")],
  ['that fail', many("host.tool('fail').call({}).catch(() => undefined)")],
  ['that are cancelled', "const c = new AbortController(); const calls = Array.from({ length: 100 }, () => host.tool('wait_cancel').call({}, { signal: c.signal }).catch(() => undefined)); c.abort(); await Promise.all(calls);"],
])('20,000 invocations %s', async (_name, work) => {
  const { before, after, slotsBefore, slotsAfter } = await growthOver(ROUNDS, HOST, work);
  expect(slotsAfter).toBe(slotsBefore);
  expect(after - before).toBeLessThan(SLACK);
}, 60_000);

test('1,000 loads and shutdowns', async () => {
  const setUp = `
  const loader = new aisopod.DynamicPluginLoader({ pluginDirs: [fixtures], hostVersion: '1.0.0' });
  const candidate = (await loader.discover()).candidates.find(({ id }) => id === 'good-c');
  const dataDir = require('node:fs').mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'aisopod-child-'));`;
  const work = `
  const registry = new aisopod.PluginRegistry({ hostVersion: '1.0.0', dataDir });
  await registry.register(await loader.loadPlugin(candidate));
  await registry.initAll();
  await registry.tool('echo').call({});
  await registry.shutdownAll();`;
  const { before, after, slotsBefore, slotsAfter } = await growthOver(500, setUp, work);
  expect(slotsAfter).toBe(slotsBefore);
  // Compiled code and koffi's handles come and go by some tens of megabytes; a leaked frame or library would be more.
  expect(after - before).toBeLessThan(48 << 20);
}, 90_000);
